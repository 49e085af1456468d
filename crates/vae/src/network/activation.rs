//! The nonlinearities of imported networks, on tensors.

use crate::{KernelPath, activation};
use burn::tensor::{Tensor, activation as burn_activation};
use spec::NetworkActivation;

/// Applies the activation to each element.
pub(super) fn activate(kind: NetworkActivation, x: Tensor<2>, path: KernelPath) -> Tensor<2> {
    if let Some(known) = kind.trainable() {
        return activation::activate(known, x, path);
    }
    match kind {
        NetworkActivation::LeakyRelu { slope } => {
            let below = x.clone().clamp_max(0.0) * slope;
            x.clamp_min(0.0) + below
        }
        NetworkActivation::Elu => {
            let below = x.clone().clamp_max(0.0).exp() - 1.0;
            x.clamp_min(0.0) + below
        }
        NetworkActivation::GeluTanh => {
            // ½x (1 + tanh(√(2/π) (x + 0.044715 x³))), Hendrycks & Gimpel 2016.
            let inner = (x.clone().powi_scalar(3) * 0.044_715 + x.clone())
                * (2.0 / std::f32::consts::PI).sqrt();
            (inner.tanh() + 1.0) * x * 0.5
        }
        NetworkActivation::Sigmoid => burn_activation::sigmoid(x),
        NetworkActivation::Softplus => softplus(x),
        // Those of models that are trained here were handled above.
        NetworkActivation::Relu
        | NetworkActivation::Gelu
        | NetworkActivation::Silu
        | NetworkActivation::Tanh => x,
    }
}

/// ln(1 + exp(x)), without overflow.
pub(crate) fn softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let rest = (-x.clone().abs()).exp().log1p();
    x.clamp_min(0.0) + rest
}
