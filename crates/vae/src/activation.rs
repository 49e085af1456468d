//! The nonlinearity between hidden layers, on tensors.

#[cfg(feature = "webgpu")]
use crate::gpu;
use crate::{KernelPath, cpu};
use burn::tensor::{Tensor, activation as burn_activation};
use spec::Activation;

/// Applies the activation to each element; the shape stays.
#[cfg_attr(
    not(feature = "webgpu"),
    expect(unused_variables, reason = "without WebGPU there is nothing to choose")
)]
pub(crate) fn activate<const D: usize>(
    activation: Activation,
    x: Tensor<D>,
    path: KernelPath,
) -> Tensor<D> {
    #[cfg(feature = "webgpu")]
    if gpu::uses_kernels(&x, path) {
        return gpu::pointwise(x, activation.into());
    }
    match activation {
        Activation::Relu => burn_activation::relu(x),
        Activation::Gelu if cpu::is_cpu_f32(&x) => cpu::pointwise(x, kernels::math::gelu),
        Activation::Gelu => gelu(x),
        Activation::Silu => burn_activation::silu(x),
        Activation::Tanh => burn_activation::tanh(x),
    }
}

/// `x/2 (1 + erf(x/√2))`, written out so that automatic differentiation takes the exact derivative.
/// burn's own `gelu` has the same value, but on most backends the gradient of the tanh
/// approximation, which is off by up to 5e-4 of each factor.
fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let twice_phi = (x.clone() * std::f32::consts::FRAC_1_SQRT_2).erf() + 1.0;
    x * twice_phi * 0.5
}
