//! The architecture of a VAE, as plain data.

use crate::{Activation, Likelihood};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A VAE of fully connected layers:
/// `input → encoder_hidden → (μ, log σ²)` and `z → decoder_hidden → output`. A conditional one, with
/// [`classes`](Self::classes), appends the label to both inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaeConfig {
    /// Values in an image: 784 for 28×28.
    pub input_size: usize,
    /// Widths of the encoder's hidden layers, from the image inwards. May be empty.
    pub encoder_hidden: Vec<usize>,
    /// Widths of the decoder's hidden layers, from z outwards. May be empty.
    pub decoder_hidden: Vec<usize>,
    /// Number of latent dimensions.
    pub latent_size: usize,
    /// Number of classes of the label that encoder and decoder are conditioned on; 0 for an unconditional model.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub classes: usize,
    /// The nonlinearity after each hidden layer.
    pub activation: Activation,
    /// p(x|z).
    pub likelihood: Likelihood,
}

/// Cards of unconditional models omit the field.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(classes: &usize) -> bool {
    *classes == 0
}

/// Why no model of this configuration can be built.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ConfigError {
    /// A size is zero or beyond [`VaeConfig::MAX_WIDTH`].
    #[error("{what} is {size}; it must be from 1 to {max}", max = VaeConfig::MAX_WIDTH)]
    Size {
        /// The name of the size.
        what: &'static str,
        /// Its value.
        size: usize,
    },
    /// More classes than [`VaeConfig::MAX_CLASSES`].
    #[error("the model has {0} classes; at most {max} are supported", max = VaeConfig::MAX_CLASSES)]
    Classes(usize),
    /// More layers than [`VaeConfig::MAX_LAYERS`].
    #[error("{what} has {count} layers; at most {max} are supported", max = VaeConfig::MAX_LAYERS)]
    Layers {
        /// Encoder or decoder.
        what: &'static str,
        /// Its number of hidden layers.
        count: usize,
    },
    /// More parameters than [`VaeConfig::MAX_PARAMETERS`].
    #[error(
        "the model has {count} parameters; at most {max} are supported",
        max = VaeConfig::MAX_PARAMETERS
    )]
    Parameters {
        /// The number of weights and biases.
        count: usize,
    },
    /// The likelihood's own parameter is out of range.
    #[error("σ of the Gaussian likelihood is {0}; it must be finite and above 0")]
    Sigma(f64),
}

impl VaeConfig {
    /// The widest layer allowed.
    pub const MAX_WIDTH: usize = 65_536;
    /// The most hidden layers allowed in encoder and in decoder.
    pub const MAX_LAYERS: usize = 32;
    /// The most classes allowed: labels are bytes.
    pub const MAX_CLASSES: usize = 256;
    /// The most weights and biases allowed: 256 MiB of f32, what a browser tab can be asked to hold.
    pub const MAX_PARAMETERS: usize = 1 << 26;

    /// A model of images of `input_size` values whose decoder mirrors the encoder: unconditional, with GELU.
    ///
    /// `hidden` are the widths of the encoder's hidden layers, from the image inwards.
    pub fn symmetric(
        input_size: usize,
        hidden: Vec<usize>,
        latent_size: usize,
        likelihood: Likelihood,
    ) -> Self {
        Self {
            input_size,
            decoder_hidden: hidden.iter().rev().copied().collect(),
            encoder_hidden: hidden,
            latent_size,
            classes: 0,
            activation: Activation::Gelu,
            likelihood,
        }
    }

    /// Checks that a model of this configuration can be built.
    ///
    /// # Errors
    /// If a size is zero or beyond the limits, or σ is not a positive number. Call this before anything is
    /// allocated, so that a hostile card can't exhaust the memory.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let size = |what, size| match size {
            1..=Self::MAX_WIDTH => Ok(()),
            _ => Err(ConfigError::Size { what, size }),
        };
        size("the image size", self.input_size)?;
        size("the latent size", self.latent_size)?;
        if self.classes > Self::MAX_CLASSES {
            return Err(ConfigError::Classes(self.classes));
        }
        for (what, widths) in [
            ("the encoder", &self.encoder_hidden),
            ("the decoder", &self.decoder_hidden),
        ] {
            if widths.len() > Self::MAX_LAYERS {
                return Err(ConfigError::Layers {
                    what,
                    count: widths.len(),
                });
            }
            widths
                .iter()
                .try_for_each(|&width| size("a hidden layer", width))?;
        }
        match self.likelihood {
            Likelihood::Gaussian { sigma } if !(sigma.is_finite() && sigma > 0.0) => {
                return Err(ConfigError::Sigma(sigma));
            }
            Likelihood::Gaussian { .. }
            | Likelihood::Bernoulli
            | Likelihood::ContinuousBernoulli => {}
        }
        let count = self.parameter_count();
        if count > Self::MAX_PARAMETERS {
            return Err(ConfigError::Parameters { count });
        }
        Ok(())
    }

    /// Number of weights and biases.
    pub fn parameter_count(&self) -> usize {
        self.parameter_shapes()
            .iter()
            .map(|(_, shape)| shape.iter().product::<usize>())
            .fold(0, usize::saturating_add)
    }

    /// Name and shape of each parameter, as a PyTorch `state_dict` of the same model has them:
    /// weights are `[out, in]`.
    pub fn parameter_shapes(&self) -> Vec<(String, Vec<usize>)> {
        let mut shapes = Vec::new();
        let mut linear = |name: String, input: usize, output: usize| {
            shapes.push((format!("{name}.weight"), vec![output, input]));
            shapes.push((format!("{name}.bias"), vec![output]));
        };
        let mut width = self.input_size + self.classes;
        for (i, &hidden) in self.encoder_hidden.iter().enumerate() {
            linear(format!("encoder.layers.{i}"), width, hidden);
            width = hidden;
        }
        linear("encoder.mu".into(), width, self.latent_size);
        linear("encoder.log_var".into(), width, self.latent_size);
        width = self.latent_size + self.classes;
        for (i, &hidden) in self.decoder_hidden.iter().enumerate() {
            linear(format!("decoder.layers.{i}"), width, hidden);
            width = hidden;
        }
        linear("decoder.output".into(), width, self.input_size);
        shapes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> VaeConfig {
        VaeConfig::symmetric(784, vec![256, 128], 16, Likelihood::Bernoulli)
    }

    #[test]
    fn parameter_count_covers_weights_and_biases() {
        // (784+1)·256 + (256+1)·128 + 2·(128+1)·16 + (16+1)·128 + (128+1)·256 + (256+1)·784
        assert_eq!(config().parameter_count(), 474_672);
    }

    #[test]
    fn validate_rejects_what_cannot_be_built() {
        assert!(config().validate().is_ok());
        let with = |change: fn(&mut VaeConfig)| {
            let mut config = config();
            change(&mut config);
            config.validate().expect_err("must be rejected")
        };
        assert_eq!(
            with(|c| c.latent_size = 0).to_string(),
            "the latent size is 0; it must be from 1 to 65536"
        );
        assert_eq!(with(|c| c.classes = 257), ConfigError::Classes(257));
        assert!(matches!(
            with(|c| c.encoder_hidden = vec![60_000, 60_000]),
            ConfigError::Parameters { .. }
        ));
        assert!(matches!(
            with(|c| c.decoder_hidden = vec![1; 33]),
            ConfigError::Layers { .. }
        ));
        assert!(matches!(
            with(|c| c.likelihood = Likelihood::Gaussian { sigma: f64::NAN }),
            ConfigError::Sigma(_)
        ));
    }

    #[test]
    fn vae_config_reads_the_cards_of_earlier_versions() {
        let json = r#"{
            "input_size": 784, "encoder_hidden": [256, 128], "decoder_hidden": [128, 256],
            "latent_size": 16, "activation": "gelu", "likelihood": {"kind": "bernoulli"}
        }"#;
        assert_eq!(
            serde_json::from_str::<VaeConfig>(json).expect("parses"),
            config()
        );
        let conditional =
            json.replace("\"latent_size\": 16", "\"latent_size\": 8, \"classes\": 10");
        let read: VaeConfig = serde_json::from_str(&conditional).expect("parses");
        assert_eq!((read.latent_size, read.classes), (8, 10));
        let unknown = json.replace("\"latent_size\"", "\"depth\": 3, \"latent_size\"");
        assert!(serde_json::from_str::<VaeConfig>(&unknown).is_err());
    }
}
