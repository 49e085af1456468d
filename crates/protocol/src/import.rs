//! What the page knows of somebody else's model beside its weights.

use serde::{Deserialize, Serialize};
use spec::{Activation, Likelihood};

/// What a state dict does not say, and people do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ImportGuess {
    /// The nonlinearity after each hidden layer.
    pub activation: Activation,
    /// p(x|z).
    pub likelihood: Likelihood,
    /// Take the other of the two heads for μ.
    pub swap_heads: bool,
}
