//! A linear layer: its initial weights and its output.

use crate::{KernelPath, cpu};
use burn::{
    module::Param,
    nn::Linear,
    tensor::{Device, Tensor, TensorData},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use spec::ConvolutionConfig;

/// A layer's output, x·W + b: `[n, inputs]` to `[n, outputs]`.
#[cfg_attr(
    not(feature = "webgpu"),
    expect(unused_variables, reason = "without WebGPU there is nothing to choose")
)]
pub(crate) fn apply(layer: &Linear, input: Tensor<2>, path: KernelPath) -> Tensor<2> {
    #[cfg(feature = "webgpu")]
    if let Some(bias) = &layer.bias
        && let Some(found) = crate::gpu::linear(&layer.weight.val(), bias.val(), &input, path)
    {
        return found;
    }
    run_burn(|| layer.forward(input))
}

/// input·W + b, which records gradients for all three: `[n, inputs]` to `[n, outputs]`.
#[cfg_attr(
    not(feature = "webgpu"),
    expect(unused_variables, reason = "without WebGPU there is nothing to choose")
)]
pub(crate) fn product(
    weight: &Tensor<2>,
    bias: Tensor<1>,
    input: Tensor<2>,
    path: KernelPath,
) -> Tensor<2> {
    #[cfg(feature = "webgpu")]
    if let Some(found) = crate::gpu::linear(weight, bias.clone(), &input, path) {
        return found;
    }
    run_burn(|| input.matmul(weight.clone()) + bias.unsqueeze())
}

/// a·b of matrices that record no gradients.
#[cfg_attr(
    not(feature = "webgpu"),
    expect(unused_variables, reason = "without WebGPU there is nothing to choose")
)]
pub(crate) fn matmul(a: &Tensor<2>, b: &Tensor<2>, path: KernelPath) -> Tensor<2> {
    #[cfg(feature = "webgpu")]
    if let Some(found) = crate::gpu::matmul(a, b, path) {
        return found;
    }
    run_burn(|| a.clone().matmul(b.clone()))
}

/// The products of matrices `[count, rows, inner]` and `[count, inner, columns]`, which record gradients for both.
pub(crate) fn batched_product(a: Tensor<3>, b: Tensor<3>, path: KernelPath) -> Tensor<3> {
    let ([count, rows, inner], columns) = (a.dims(), b.dims()[2]);
    if count > 1
        && cfg!(any(feature = "flex", feature = "ndarray", test))
        && cpu::is_cpu(&a.device())
    {
        return a.matmul(b);
    }
    let zeros = || Tensor::zeros([columns], &a.device());
    let products = (0..count).map(|at| {
        let a = a.clone().narrow(0, at, 1).reshape([rows, inner]);
        let b = b.clone().narrow(0, at, 1).reshape([inner, columns]);
        product(&b, zeros(), a, path).reshape([1, rows, columns])
    });
    let mut products: Vec<Tensor<3>> = products.collect();
    match products.len() {
        1 => products.remove(0),
        _ => Tensor::cat(products, 0),
    }
}

/// Runs burn's operation, on a CPU backend. A build for GPUs only panics here instead: the linker can then remove burn's
/// matrix products for GPUs, which are never called but take a third of the module.
fn run_burn(compute: impl FnOnce() -> Tensor<2>) -> Tensor<2> {
    if cfg!(all(
        feature = "webgpu",
        not(any(feature = "flex", feature = "ndarray", test))
    )) {
        unreachable!("on GPUs matrix products use the kernels of this crate");
    }
    compute()
}

/// The initial values of the weights.
pub(crate) enum Init {
    /// Uniform in ±1/√fan-in, PyTorch's default, generated on the CPU: the same on every backend.
    Uniform(Box<StdRng>),
    /// All zero, for weights that are loaded afterwards.
    Zeros,
}

impl Init {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self::Uniform(Box::new(StdRng::seed_from_u64(seed)))
    }

    /// A 3×3 convolution with these input and output channels, as the linear layer of its patches.
    pub(crate) fn convolution(&mut self, [input, output]: [usize; 2], device: &Device) -> Linear {
        let patch = ConvolutionConfig::KERNEL * ConvolutionConfig::KERNEL * input;
        self.linear(patch, output, device)
    }

    /// A layer with these numbers of inputs and outputs.
    pub(crate) fn linear(&mut self, input: usize, output: usize, device: &Device) -> Linear {
        let bound = 1.0 / (input as f32).sqrt();
        let mut values = |count: usize| match self {
            Self::Uniform(rng) => (0..count)
                .map(|_| rng.random_range(-bound..bound))
                .collect(),
            Self::Zeros => vec![0.0_f32; count],
        };
        let weight = TensorData::new(values(input * output), [input, output]);
        let bias = TensorData::new(values(output), [output]);
        Linear {
            weight: Param::from_tensor(Tensor::from_data(weight, device)),
            bias: Some(Param::from_tensor(Tensor::from_data(bias, device))),
        }
    }
}
