//! Import options: what a state dict does not contain.

use serde::{Deserialize, Serialize};
use spec::{Activation, Likelihood};

/// Properties of a model that a state dict does not contain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ImportOptions {
    /// The nonlinearity after each hidden layer.
    pub activation: Activation,
    /// p(x|z).
    pub likelihood: Likelihood,
    /// Swap the heads detected as μ and log σ².
    pub swap_heads: bool,
}
