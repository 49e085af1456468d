//! Samples from the prior p(z) = N(0, I).

use crate::latent::round_to_step;

/// `n` independent samples from N(0, 1), rounded to the sliders' step, by the Box–Muller transform:
/// `√(−2 ln u) · (cos 2πv, sin 2πv)` with u and v uniform.
///
/// `uniform` returns uniform samples in (0, 1].
fn standard_normal(n: usize, mut uniform: impl FnMut() -> f64) -> Vec<f32> {
    let mut draws = Vec::with_capacity(n + 1);
    while draws.len() < n {
        let radius = (-2.0 * uniform().ln()).sqrt();
        let angle = std::f64::consts::TAU * uniform();
        draws.push(round_to_step((radius * angle.cos()) as f32));
        draws.push(round_to_step((radius * angle.sin()) as f32));
    }
    draws.truncate(n);
    draws
}

/// `n` samples from N(0, 1), from the browser's random number generator.
pub(crate) fn sample_prior(n: usize) -> Vec<f32> {
    // `getrandom` does not fail in browsers; `u32::MAX` maps to the sample 0.
    standard_normal(n, || to_unit(getrandom::u32().unwrap_or(u32::MAX)))
}

/// Maps 32 random bits to (0, 1], where the logarithm is finite.
fn to_unit(bits: u32) -> f64 {
    (f64::from(bits) + 1.0) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_normal_has_mean_0_and_variance_1() {
        // A two-dimensional Weyl sequence is uniform enough for the first two moments.
        let mut k = 0_u32;
        let draws = standard_normal(20_000, || {
            k += 1;
            let step: u32 = if k.is_multiple_of(2) {
                2_654_435_769
            } else {
                1_779_033_703
            };
            to_unit(step.wrapping_mul(k / 2 + 1))
        });
        let n = draws.len() as f32;
        let mean = draws.iter().sum::<f32>() / n;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n;
        assert!(mean.abs() < 0.03, "{mean}");
        assert!((variance - 1.0).abs() < 0.05, "{variance}");
    }

    #[test]
    fn standard_normal_returns_n_finite_samples() {
        for n in [1, 2, 16] {
            let draws = standard_normal(n, || to_unit(0));
            assert_eq!(draws.len(), n);
            assert!(draws.iter().all(|x| x.is_finite()));
        }
    }
}
