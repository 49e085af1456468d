//! The continuous Bernoulli likelihood (Loaiza-Ganem & Cunningham 2019).

use super::bernoulli;
use crate::KernelPath;
use burn::tensor::Tensor;

/// Below this |logit| the log normalizer is computed from its series, because the closed form is 0/0 at 0.
const SERIES_BELOW: f64 = 0.01;

/// log CB(x; λ = sigmoid(l)) for each pixel, in nats: the Bernoulli expression plus the log normalizer (their Equation 8).
///
/// # Shapes
/// - `logits`, `x`, result: `[n, input]`
pub(super) fn log_prob(logits: Tensor<2>, x: Tensor<2>, path: KernelPath) -> Tensor<2> {
    bernoulli::log_prob(logits.clone(), x, path) + log_normalizer(logits)
}

/// ln C(λ) = ln(l / tanh(l/2)), by its series ln 2 + l²/12 around 0.
///
/// The branch that is masked out gets a safe input: otherwise its gradient would be NaN, and NaN times zero is NaN.
fn log_normalizer(logits: Tensor<2>) -> Tensor<2> {
    let magnitude = logits.clone().abs();
    let small = magnitude.clone().lower_scalar(SERIES_BELOW);
    let safe = magnitude.mask_fill(small.clone(), 1.0);
    let closed = safe.clone().log() - safe.mul_scalar(0.5).tanh().log();
    let series = logits
        .square()
        .div_scalar(12.0)
        .add_scalar(std::f64::consts::LN_2);
    closed.mask_where(small, series)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    /// For logits in both branches.
    #[test]
    fn continuous_bernoulli_density_integrates_to_one() {
        let device = Device::flex();
        let count = 2001_usize;
        let x: Vec<f32> = (0..count).map(|i| i as f32 / (count - 1) as f32).collect();
        for logit in [-8.0, -0.5, -0.005, 0.0, 0.009, 0.011, 3.0] {
            let x = Tensor::<1>::from_floats(x.as_slice(), &device).reshape([1, count]);
            let logits = Tensor::full([1, count], logit, &device);
            let density = log_prob(logits, x, KernelPath::Fused)
                .exp()
                .into_data()
                .try_to_vec::<f32>()
                .expect("f32");
            // The trapezoidal rule.
            let sum: f32 = density.iter().sum::<f32>() - (density[0] + density[count - 1]) / 2.0;
            let integral = sum / (count - 1) as f32;
            assert!((integral - 1.0).abs() < 1e-3, "logit {logit}: {integral}");
        }
    }

    #[test]
    fn log_normalizer_gradient_is_finite_at_zero() {
        let device = Device::flex().autodiff();
        let logits = Tensor::<2>::from_floats([[0.0, 0.5]], &device).require_grad();
        let gradients = log_normalizer(logits.clone()).sum().backward();
        let found = logits
            .grad(&gradients)
            .expect("tracked")
            .into_data()
            .try_to_vec::<f32>()
            .expect("f32");
        assert_eq!(found[0], 0.0);
        // d/dl ln(l / tanh(l/2)) = 1/l − 1/sinh(l)
        let expected = 1.0 / 0.5 - 1.0 / 0.5_f32.sinh();
        assert!(
            (found[1] - expected).abs() < 1e-5,
            "{} instead of {expected}",
            found[1]
        );
    }
}
