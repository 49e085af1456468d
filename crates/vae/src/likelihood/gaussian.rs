//! The Gaussian likelihood with one σ for all pixels.

use burn::tensor::Tensor;
use std::f64::consts::PI;

/// Lower bound of σ: half of one of 256 grey levels, the quantization of the pixels.
const MIN_SIGMA: f64 = 0.5 / 255.0;

/// log N(x; f, σ²) = −½ ((x − f)/σ)² − ln σ − ½ ln 2π for each pixel, in nats (notes, Equation 18).
///
/// # Shapes
/// - `mean` (f), `x`, result: `[n, input]`
pub(super) fn log_prob(mean: Tensor<2>, x: Tensor<2>, sigma: f64) -> Tensor<2> {
    let normalizer = sigma.ln() + 0.5 * (2.0 * PI).ln();
    (x - mean)
        .square()
        .mul_scalar(-0.5 / (sigma * sigma))
        .sub_scalar(normalizer)
}

/// Moves σ² by `share` of the way to its maximum-likelihood estimate, the mean squared error per pixel, and returns σ. The
/// mean squared error follows from the mean log p(x|z) under the current σ, `log_prob` nats per image.
pub(super) fn towards_ml_sigma(sigma: f64, log_prob: f64, pixels: usize, share: f64) -> f64 {
    let normalizer = sigma.ln() + 0.5 * (2.0 * PI).ln();
    let estimate = -2.0 * sigma * sigma * (log_prob / pixels as f64 + normalizer);
    let moved = (sigma * sigma + share * (estimate - sigma * sigma)).sqrt();
    // A diverged batch is ignored.
    if moved.is_finite() {
        moved.max(MIN_SIGMA)
    } else {
        sigma
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn gaussian_density_integrates_to_one() {
        let device = Device::flex();
        let (sigma, step, count) = (0.3_f64, 0.001_f32, 4001_usize);
        let x: Vec<f32> = (0..count).map(|i| -2.0 + step * i as f32).collect();
        let x = Tensor::<1>::from_floats(x.as_slice(), &device).reshape([1, count]);
        let mean = Tensor::full([1, count], 0.1, &device);
        let integral = log_prob(mean, x, sigma).exp().sum().into_scalar::<f32>() * step;
        assert!((integral - 1.0).abs() < 1e-3, "{integral}");
    }

    #[test]
    fn towards_ml_sigma_converges_to_the_root_mean_squared_error() {
        let device = Device::flex();
        let x = Tensor::<1>::from_floats([0.1, 0.5, 0.9, 0.3], &device).reshape([1, 4]);
        let mean = Tensor::<1>::from_floats([0.2, 0.3, 0.9, 0.0], &device).reshape([1, 4]);
        let expected = ((0.01 + 0.04 + 0.09) / 4.0_f64).sqrt();
        let log_prob = |sigma| {
            log_prob(mean.clone(), x.clone(), sigma)
                .sum()
                .into_scalar::<f32>()
                .into()
        };
        let full_step = towards_ml_sigma(1.0, log_prob(1.0), 4, 1.0);
        assert!((full_step - expected).abs() < 1e-5, "{full_step}");
        let mut sigma = 1.0;
        for _ in 0..100 {
            sigma = towards_ml_sigma(sigma, log_prob(sigma), 4, 0.2);
        }
        assert!((sigma - expected).abs() < 1e-5, "{sigma}");
        assert_eq!(towards_ml_sigma(0.3, f64::NAN, 4, 0.2), 0.3);
        assert_eq!(towards_ml_sigma(0.3, f64::NEG_INFINITY, 4, 0.2), 0.3);
        let perfect = 4.0 * (-(0.01_f64.ln()) - 0.5 * (2.0 * PI).ln());
        assert_eq!(towards_ml_sigma(0.01, perfect, 4, 1.0), MIN_SIGMA);
    }
}
