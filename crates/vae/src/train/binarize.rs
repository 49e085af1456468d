//! Grey pixels as draws of black and white.

use rand::{Rng, RngExt as _};

/// Makes each pixel ink, 1, with its grey value as the probability, or else ground, 0 (Salakhutdinov & Murray
/// 2008). Done anew for each batch it is called dynamic binarization. Only for such pixels is a Bernoulli
/// decoder's log p(x|z) a likelihood, and log p(x) a number to compare models by.
pub fn binarize(pixels: &mut [f32], rng: &mut impl Rng) {
    for pixel in pixels {
        // Below 1, so that full ink stays ink.
        *pixel = if rng.random::<f32>() < *pixel {
            1.0
        } else {
            0.0
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{SeedableRng as _, rngs::StdRng};

    #[test]
    fn a_grey_value_is_the_share_of_ink() {
        for grey in [0.0, 0.25, 0.9, 1.0] {
            let mut pixels = vec![grey; 40_000];
            binarize(&mut pixels, &mut StdRng::seed_from_u64(2));
            assert!(pixels.iter().all(|&pixel| pixel == 0.0 || pixel == 1.0));
            let share = pixels.iter().sum::<f32>() / 40_000.0;
            // Four standard errors of the least certain one.
            assert!((share - grey).abs() < 0.01, "{share} of {grey}");
        }
    }
}
