//! A linear layer: how its weights start, and what it gives.

use burn::{
    module::Param,
    nn::Linear,
    tensor::{Device, Tensor, TensorData},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// What a layer gives for `input`: `[n, inputs]` to `[n, outputs]`.
pub(crate) fn apply(layer: &Linear, input: Tensor<2>) -> Tensor<2> {
    #[cfg(feature = "webgpu")]
    if let Some(found) = crate::gpu::linear(layer, &input) {
        return found;
    }
    by_burn(|| layer.forward(input))
}

/// `a·b`, of matrices that record no gradients.
pub(crate) fn product(a: &Tensor<2>, b: &Tensor<2>) -> Tensor<2> {
    #[cfg(feature = "webgpu")]
    if let Some(found) = crate::gpu::product(a, b) {
        return found;
    }
    by_burn(|| a.clone().matmul(b.clone()))
}

/// What burn computes on a CPU. A bundle for a GPU alone never comes here, and is not to hold burn's products of
/// matrices for GPUs, which no linker could tell are not called.
fn by_burn(compute: impl FnOnce() -> Tensor<2>) -> Tensor<2> {
    if cfg!(all(
        feature = "webgpu",
        not(any(feature = "flex", feature = "ndarray", test))
    )) {
        unreachable!("a GPU's products are our own");
    }
    compute()
}

/// Where the first values of the weights come from.
pub(crate) enum Init {
    /// Uniform in ±1/√fan-in, PyTorch's default, drawn on the host: the same on every backend.
    Uniform(Box<StdRng>),
    /// All zero: the values are loaded later.
    Zeros,
}

impl Init {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self::Uniform(Box::new(StdRng::seed_from_u64(seed)))
    }

    /// A layer from `input` to `output` values.
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
