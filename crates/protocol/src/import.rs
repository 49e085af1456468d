//! What has to be known of a model from another program beside its weights.

use serde::{Deserialize, Serialize};
use spec::{Activation, Likelihood};

/// What a state dict does not contain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ImportOptions {
    /// The nonlinearity after each hidden layer.
    pub activation: Activation,
    /// p(x|z).
    pub likelihood: Likelihood,
    /// Exchange the two heads that were taken for μ and log σ².
    pub swap_heads: bool,
}
