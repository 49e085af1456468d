//! Stochastic binarization of grey pixels.

use rand::{Rng, RngExt as _};

/// Replaces each pixel by 1 with its grey value as probability, otherwise by 0 (Salakhutdinov & Murray 2008); done
/// again for each batch, this is dynamic binarization. Only for binary pixels is a Bernoulli decoder's log p(x|z) a likelihood, and
/// log p(x) comparable between models.
pub fn binarize(pixels: &mut [f32], rng: &mut impl Rng) {
    for pixel in pixels {
        // The random number is below 1, so 1 stays 1.
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
    fn binarize_samples_with_the_grey_value_as_probability() {
        for grey in [0.0, 0.25, 0.9, 1.0] {
            let mut pixels = vec![grey; 40_000];
            binarize(&mut pixels, &mut StdRng::seed_from_u64(2));
            assert!(pixels.iter().all(|&pixel| pixel == 0.0 || pixel == 1.0));
            let share = pixels.iter().sum::<f32>() / 40_000.0;
            // Four standard errors at the largest variance.
            assert!((share - grey).abs() < 0.01, "{share} of {grey}");
        }
    }
}
