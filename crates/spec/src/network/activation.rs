//! The nonlinearities of imported networks.

use crate::Activation;
use serde::{Deserialize, Serialize};

/// A nonlinearity, applied to each value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkActivation {
    /// `max(x, 0)`.
    Relu,
    /// `x` above 0, else `slope · x`.
    LeakyRelu {
        /// The slope below 0: 0.01 in PyTorch, 0.2 in many models.
        slope: f32,
    },
    /// `x` above 0, else `exp(x) − 1`.
    Elu,
    /// `x sigmoid(x)`, also called swish.
    Silu,
    /// `x Φ(x)`, in the exact form by erf.
    Gelu,
    /// The approximation of GELU by tanh.
    GeluTanh,
    /// The hyperbolic tangent.
    Tanh,
    /// The logistic function.
    Sigmoid,
    /// `ln(1 + exp(x))`.
    Softplus,
}

impl NetworkActivation {
    /// One of each kind, LeakyReLU with PyTorch's slope.
    pub const ALL: [Self; 9] = [
        Self::Relu,
        Self::LeakyRelu { slope: 0.01 },
        Self::Elu,
        Self::Silu,
        Self::Gelu,
        Self::GeluTanh,
        Self::Tanh,
        Self::Sigmoid,
        Self::Softplus,
    ];

    /// Its name, without the slope.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::LeakyRelu { .. } => "leaky-relu",
            Self::Elu => "elu",
            Self::Silu => "silu",
            Self::Gelu => "gelu",
            Self::GeluTanh => "gelu-tanh",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
            Self::Softplus => "softplus",
        }
    }

    /// The activation with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|activation| activation.name() == name)
    }

    /// The same function among those of models that are trained here, if it is one of them.
    pub fn trainable(self) -> Option<Activation> {
        match self {
            Self::Relu => Some(Activation::Relu),
            Self::Gelu => Some(Activation::Gelu),
            Self::Silu => Some(Activation::Silu),
            Self::Tanh => Some(Activation::Tanh),
            Self::LeakyRelu { .. }
            | Self::Elu
            | Self::GeluTanh
            | Self::Sigmoid
            | Self::Softplus => None,
        }
    }
}

impl From<Activation> for NetworkActivation {
    fn from(activation: Activation) -> Self {
        match activation {
            Activation::Relu => Self::Relu,
            Activation::Gelu => Self::Gelu,
            Activation::Silu => Self::Silu,
            Activation::Tanh => Self::Tanh,
        }
    }
}
