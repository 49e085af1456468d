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

    /// The activation with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|activation| activation.name() == name)
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
            assert_eq!(Activation::from_name(activation.name()), Some(activation));
        }
    }

    /// Serde's message lists the names of all variants.
    #[test]
    fn activation_all_lists_each_variant() {
        let error = serde_json::from_str::<Activation>("\"\"").expect_err("no name");
        let names = Activation::ALL.map(|activation| format!("`{}`", activation.name()));
        assert!(error.to_string().contains(&names.join(", ")), "{error}");
    }
}
