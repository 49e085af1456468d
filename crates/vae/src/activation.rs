//! The nonlinearity between hidden layers.

#[cfg(feature = "webgpu")]
use crate::gpu;
use crate::host;
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

/// Applied after each hidden layer of encoder and decoder, and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `x Φ(x)`, Φ the normal distribution function, in the exact form by erf (PyTorch's default).
    Gelu,
    /// `x sigmoid(x)`, also called swish.
    Silu,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// Applies the function to each element; the shape stays.
    pub fn forward<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        #[cfg(feature = "webgpu")]
        if gpu::holds(&x) {
            let function = match self {
                Self::Relu => gpu::Function::Relu,
                Self::Gelu => gpu::Function::Gelu,
                Self::Silu => gpu::Function::Silu,
                Self::Tanh => gpu::Function::Tanh,
            };
            return gpu::pointwise(x, function);
        }
        match self {
            Self::Relu => activation::relu(x),
            Self::Gelu if host::holds(&x) => host::pointwise(x, host::gelu),
            Self::Gelu => gelu(x),
            Self::Silu => activation::silu(x),
            Self::Tanh => activation::tanh(x),
        }
    }
}

/// `x/2 (1 + erf(x/√2))`, written out so that automatic differentiation takes the exact derivative.
/// burn's own `gelu` has the same value, but on most backends the gradient of the tanh
/// approximation, which is off by up to 5e-4 of each factor.
fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let twice_phi = (x.clone() * std::f32::consts::FRAC_1_SQRT_2).erf() + 1.0;
    x * twice_phi * 0.5
}
