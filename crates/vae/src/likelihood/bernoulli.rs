//! The Bernoulli likelihood from logits.

#[cfg(feature = "webgpu")]
use crate::gpu;
use crate::{KernelPath, cpu};
use burn::tensor::{Tensor, activation::log_sigmoid};

/// log Bernoulli(x; sigmoid(l)) = l·x + log sigmoid(−l) for each pixel, in nats. With a stable log sigmoid it equals
/// l·x − max(l, 0) − ln(1 + e^(−|l|)).
///
/// The notes' Figure 9 adds 1e-10 inside the logarithm, which in f32 gives 23.03 instead of 17 at logit 17, and a gradient
/// of exactly 0. Expressed with `max` and `|l|`, automatic differentiation would be wrong at a logit of exactly 0; log
/// sigmoid has a derivative of its own.
///
/// # Shapes
/// - `logits`, `x`, result: `[n, input]`
pub(super) fn log_prob(logits: Tensor<2>, x: Tensor<2>, path: KernelPath) -> Tensor<2> {
    let negated = logits.clone().neg();
    logits * x + stable_log_sigmoid(negated, path)
}

#[cfg_attr(
    not(feature = "webgpu"),
    expect(unused_variables, reason = "without WebGPU there is nothing to choose")
)]
pub(super) fn stable_log_sigmoid(x: Tensor<2>, path: KernelPath) -> Tensor<2> {
    if cpu::is_cpu_f32(&x) {
        return cpu::pointwise(x, kernels::math::log_sigmoid);
    }
    #[cfg(feature = "webgpu")]
    if gpu::uses_kernels(&x, path) {
        return gpu::pointwise(x, gpu::Function::LogSigmoid);
    }
    log_sigmoid(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    #[test]
    fn bernoulli_log_prob_is_stable_at_large_logits() {
        let device = Device::flex();
        let logits = Tensor::<2>::from_floats([[17.0, -100.0, 0.0, 100.0]], &device);
        let x = Tensor::<2>::from_floats([[0.0, 0.0, 0.3, 0.0]], &device);
        let found = log_prob(logits, x, KernelPath::Fused)
            .into_data()
            .try_to_vec::<f32>()
            .expect("f32");
        for (found, expected) in found
            .iter()
            .zip([-17.0, 0.0, -std::f32::consts::LN_2, -100.0])
        {
            assert!(
                (found - expected).abs() < 1e-5,
                "{found} instead of {expected}"
            );
        }
    }

    /// d/dl log p = x − sigmoid(l), also at large logits, where that of the notes' form vanishes, and at 0.
    #[test]
    fn bernoulli_gradient_is_the_residual() {
        let device = Device::flex().autodiff();
        let logits = Tensor::<2>::from_floats([[17.0, -3.0, 0.5, 0.0]], &device).require_grad();
        let x = Tensor::<2>::from_floats([[0.0, 1.0, 0.25, 0.25]], &device);
        let gradients = log_prob(logits.clone(), x, KernelPath::Fused)
            .sum()
            .backward();
        let found = logits
            .grad(&gradients)
            .expect("tracked")
            .into_data()
            .try_to_vec::<f32>()
            .expect("f32");
        let sigmoid = |l: f32| 1.0 / (1.0 + (-l).exp());
        for (found, expected) in found.iter().zip([
            -sigmoid(17.0),
            1.0 - sigmoid(-3.0),
            0.25 - sigmoid(0.5),
            -0.25,
        ]) {
            assert!(
                (found - expected).abs() < 1e-5,
                "{found} instead of {expected}"
            );
        }
    }
}
