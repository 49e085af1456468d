//! The nonlinearity between hidden layers.

use serde::{Deserialize, Serialize};

/// Applied after each hidden layer of encoder and decoder, and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// `max(x, 0)`, as in pytorch/examples.
    Relu,
    /// `x Φ(x)`, Φ the standard normal distribution function, in the exact form by erf (PyTorch's default).
    Gelu,
    /// `x sigmoid(x)`, also called swish.
    Silu,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// All activations.
    pub const ALL: [Self; 4] = [Self::Relu, Self::Gelu, Self::Silu, Self::Tanh];

    /// Its name in cards, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relu => "relu",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Tanh => "tanh",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activation_is_stored_by_its_name() {
        for activation in Activation::ALL {
            let json = serde_json::to_string(&activation).expect("plain data");
            assert_eq!(json, format!("\"{}\"", activation.name()));
            assert_eq!(
                serde_json::from_str::<Activation>(&json).expect("parses"),
                activation
            );
        }
    }
}
