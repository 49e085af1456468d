//! The Gaussian likelihood with a fixed σ.

use burn::tensor::Tensor;
use std::f64::consts::PI;

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
}
