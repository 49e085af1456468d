//! The Gaussian likelihood, one σ for all pixels.

use burn::tensor::Tensor;
use std::f64::consts::PI;

/// No σ gets below this: half a grey level of 256, beyond which pixels say nothing more.
const LEAST_SIGMA: f64 = 0.5 / 255.0;

/// log N(x; f, σ²) = −½ ((x − f)/σ)² − ln σ − ½ ln 2π for each pixel, in nats (notes, Equation 18).
///
/// # Shapes
/// - `mean` (f), `x`, result: `[n, input]`
pub(super) fn log_prob(mean: Tensor<2>, x: Tensor<2>, sigma: f64) -> Tensor<2> {
    let normaliser = sigma.ln() + 0.5 * (2.0 * PI).ln();
    (x - mean)
        .square()
        .mul_scalar(-0.5 / (sigma * sigma))
        .sub_scalar(normaliser)
}

/// The square root of σ² + share·(σ̂² − σ²), where σ̂² is the mean squared error a pixel, the σ² under
/// which the images are likeliest. That follows from their mean log p(x|z) under σ, in nats.
pub(super) fn towards_likeliest_sigma(sigma: f64, log_prob: f64, pixels: usize, share: f64) -> f64 {
    let normaliser = sigma.ln() + 0.5 * (2.0 * PI).ln();
    let likeliest = -2.0 * sigma * sigma * (log_prob / pixels as f64 + normaliser);
    let moved = (sigma * sigma + share * (likeliest - sigma * sigma)).sqrt();
    // A batch that has left all bounds teaches nothing.
    if moved.is_finite() {
        moved.max(LEAST_SIGMA)
    } else {
        sigma
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    /// The density integrates to one.
    #[test]
    fn integrates_to_one() {
        let device = Device::flex();
        let (sigma, step, count) = (0.3_f64, 0.001_f32, 4001_usize);
        let x: Vec<f32> = (0..count).map(|i| -2.0 + step * i as f32).collect();
        let x = Tensor::<1>::from_floats(x.as_slice(), &device).reshape([1, count]);
        let mean = Tensor::full([1, count], 0.1, &device);
        let integral = log_prob(mean, x, sigma).exp().sum().into_scalar::<f32>() * step;
        assert!((integral - 1.0).abs() < 1e-3, "{integral}");
    }

    #[test]
    fn sigma_finds_the_root_of_the_mean_squared_error() {
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
        let at_once = towards_likeliest_sigma(1.0, log_prob(1.0), 4, 1.0);
        assert!((at_once - expected).abs() < 1e-5, "{at_once}");
        let mut sigma = 1.0;
        for _ in 0..100 {
            sigma = towards_likeliest_sigma(sigma, log_prob(sigma), 4, 0.2);
        }
        assert!((sigma - expected).abs() < 1e-5, "{sigma}");
        assert_eq!(towards_likeliest_sigma(0.3, f64::NAN, 4, 0.2), 0.3);
        assert_eq!(towards_likeliest_sigma(0.3, f64::NEG_INFINITY, 4, 0.2), 0.3);
        let perfect = 4.0 * (-(0.01_f64.ln()) - 0.5 * (2.0 * PI).ln());
        assert_eq!(towards_likeliest_sigma(0.01, perfect, 4, 1.0), LEAST_SIGMA);
    }
}
