//! What the page knows of somebody else's model beside its weights.

use crate::LikelihoodKind;
use serde::{Deserialize, Serialize};

/// What a state dict does not say, and people do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ImportGuess {
    /// The nonlinearity after each hidden layer.
    pub activation: ActivationKind,
    /// p(x|z).
    pub likelihood: LikelihoodKind,
    /// Take the other of the two heads for μ.
    pub swap_heads: bool,
}

/// The nonlinearities to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActivationKind {
    /// max(x, 0), as in pytorch/examples.
    Relu,
    /// x Φ(x), exact.
    Gelu,
    /// x sigmoid(x).
    Silu,
    /// The hyperbolic tangent.
    Tanh,
}
