//! The architecture of a VAE, as plain data.

use crate::{
    Activation, ConvolutionConfig, Likelihood, NetworkConfig, NetworkError, ShapeError, Sides,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A VAE of fully connected layers:
/// `input → encoder_hidden → (μ, log σ²)` and `z → decoder_hidden → output`. A conditional one, with
/// [`classes`](Self::classes), appends the label to both inputs.
///
/// With [`convolution`](Self::convolution), the encoder's convolutions come before its fully connected layers, and the
/// decoder's after its own: `image → convolutions → encoder_hidden → (μ, log σ²)` and
/// `z → decoder_hidden → innermost feature map → convolutions → output`. A label is appended to the innermost feature
/// map and to z.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaeConfig {
    /// Values in an image: 784 for 28×28 grey pixels, 3072 for 32×32 in colour.
    pub input_size: usize,
    /// The convolutions; `None` for a multilayer perceptron.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub convolution: Option<ConvolutionConfig>,
    /// The operations of an imported model, in place of convolutions, hidden layers and activation; `None` for models that
    /// are trained here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkConfig>,
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
    /// The operations of an imported model do not fit together.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// An imported model with hidden layers or convolutions besides its operations.
    #[error("a model with a network of its own has no other layers")]
    LayersBesideNetwork,
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
    /// A scale of the discretized logistic likelihood is out of range.
    #[error("a scale of the discretized logistic likelihood is {0}; it must be finite and above 0")]
    Scale(f64),
    /// The likelihood has scales for another number of channels than the image.
    #[error("the likelihood has {scales} scales, but the images have {channels} channels")]
    ScaleCount {
        /// Number of scales.
        scales: usize,
        /// Number of channels.
        channels: usize,
    },
    /// The image's shape is beyond the limits.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The image has another number of values than [`VaeConfig::input_size`].
    #[error("the convolutions take {values} values, but the model's images have {input_size}")]
    ImageSize {
        /// Values of the convolutions' image.
        values: usize,
        /// Values of the model's image.
        input_size: usize,
    },
    /// No convolution, or more than [`ConvolutionConfig::MAX_LAYERS`].
    #[error(
        "the encoder has {0} convolutions; it must have from 1 to {max}",
        max = ConvolutionConfig::MAX_LAYERS
    )]
    Convolutions(usize),
    /// A feature map without channels, or with more than [`ConvolutionConfig::MAX_CHANNELS`].
    #[error(
        "a feature map has {0} channels; it must have from 1 to {max}",
        max = ConvolutionConfig::MAX_CHANNELS
    )]
    Channels(usize),
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
            convolution: None,
            network: None,
            decoder_hidden: hidden.iter().rev().copied().collect(),
            encoder_hidden: hidden,
            latent_size,
            classes: 0,
            activation: Activation::Gelu,
            likelihood,
        }
    }

    /// A convolutional model whose decoder mirrors the encoder: unconditional, with GELU.
    ///
    /// `hidden` are the widths of the encoder's fully connected hidden layers, from the feature maps inwards.
    pub fn convolutional(
        convolution: ConvolutionConfig,
        hidden: Vec<usize>,
        latent_size: usize,
        likelihood: Likelihood,
    ) -> Self {
        let input_size = convolution.image.values();
        Self {
            convolution: Some(convolution),
            ..Self::symmetric(input_size, hidden, latent_size, likelihood)
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
        if let Some(convolution) = &self.convolution {
            check_convolution(convolution)?;
            let values = convolution.image.values();
            if values != self.input_size {
                return Err(ConfigError::ImageSize {
                    values,
                    input_size: self.input_size,
                });
            }
        }
        if let Some(network) = &self.network {
            self.check_network(network)?;
        }
        match self.likelihood {
            Likelihood::Gaussian { sigma } if !(sigma.is_finite() && sigma > 0.0) => {
                return Err(ConfigError::Sigma(sigma));
            }
            Likelihood::DiscretizedLogistic { scales } => {
                let valid = |scale: &f64| scale.is_finite() && *scale > 0.0;
                if let Some(&scale) = scales.as_slice().iter().find(|scale| !valid(scale)) {
                    return Err(ConfigError::Scale(scale));
                }
                let convolution = self.convolution.as_ref();
                let network = self.network.as_ref();
                let image = convolution
                    .map(|config| config.image)
                    .or(network.map(|config| config.image));
                let channels = image.map_or(scales.len(), |image| image.channels);
                if channels != scales.len() || !self.input_size.is_multiple_of(channels) {
                    return Err(ConfigError::ScaleCount {
                        scales: scales.len(),
                        channels,
                    });
                }
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

    /// Checks an imported model's operations.
    fn check_network(&self, network: &NetworkConfig) -> Result<(), ConfigError> {
        network.validate(self.latent_size, self.classes)?;
        if self.convolution.is_some()
            || !self.encoder_hidden.is_empty()
            || !self.decoder_hidden.is_empty()
        {
            return Err(ConfigError::LayersBesideNetwork);
        }
        let values = network.image.values();
        if values != self.input_size {
            return Err(ConfigError::ImageSize {
                values,
                input_size: self.input_size,
            });
        }
        Ok(())
    }

    /// Whether the model has an encoder; an imported one may have a decoder alone.
    pub fn has_encoder(&self) -> bool {
        let network = self.network.as_ref();
        network.is_none_or(|network| network.encoder.is_some())
    }

    /// Number of weights and biases.
    pub fn parameter_count(&self) -> usize {
        self.parameter_shapes()
            .iter()
            .map(|(_, shape)| {
                shape
                    .iter()
                    .fold(1, |product: usize, &axis| product.saturating_mul(axis))
            })
            .fold(0, usize::saturating_add)
    }

    /// Widths of the decoder's hidden fully connected layers, from z outwards. A convolutional decoder has one more than
    /// [`decoder_hidden`](Self::decoder_hidden), which writes the innermost feature map.
    pub fn decoder_widths(&self) -> Vec<usize> {
        let inner = self.convolution.as_ref().map(ConvolutionConfig::inner_size);
        self.decoder_hidden.iter().copied().chain(inner).collect()
    }

    /// Values that the encoder's fully connected layers read, without the label: those of the image, or of the innermost
    /// feature map.
    pub fn features_size(&self) -> usize {
        let inner = self.convolution.as_ref().map(ConvolutionConfig::inner_size);
        inner.unwrap_or(self.input_size)
    }

    /// Name and shape of each parameter, as a PyTorch `state_dict` of the same model has them: the weights of linear layers
    /// are `[out, in]`, those of convolutions `[out, in, 3, 3]`.
    ///
    /// The fully connected layers number the values of the innermost feature map by row, column and channel, the last
    /// fastest; in PyTorch, whose feature maps are `[channels, height, width]`, this is `permute(0, 2, 3, 1).flatten(1)`.
    pub fn parameter_shapes(&self) -> Vec<(String, Vec<usize>)> {
        const KERNEL: usize = ConvolutionConfig::KERNEL;
        let mut shapes = Vec::new();
        let network = self.network.as_ref();
        if let Some(graphs) = network.and_then(|network| network.graphs.as_ref()) {
            let encoder = graphs.encoder.as_ref().map(|graph| ("encoder", graph));
            for (part, graph) in encoder.into_iter().chain([("decoder", &graphs.decoder)]) {
                let weights = graph.weights.iter().enumerate();
                shapes
                    .extend(weights.map(|(i, axes)| (format!("{part}.weights.{i}"), axes.clone())));
            }
            return shapes;
        }
        let mut layer = |name: String, weight: Vec<usize>| {
            let output = weight[0];
            shapes.push((format!("{name}.weight"), weight));
            shapes.push((format!("{name}.bias"), vec![output]));
        };
        if let Some(network) = &self.network {
            self.network_layers(network, layer);
            return shapes;
        }
        let kernel = |[input, output]: [usize; 2]| vec![output, input, KERNEL, KERNEL];
        let convolution = self.convolution.as_ref();
        let encoder = convolution.map_or_else(Vec::new, ConvolutionConfig::encoder_channels);
        for (i, channels) in encoder.into_iter().enumerate() {
            layer(format!("encoder.convolutions.{i}"), kernel(channels));
        }
        let mut width = self.features_size() + self.classes;
        for (i, &hidden) in self.encoder_hidden.iter().enumerate() {
            layer(format!("encoder.layers.{i}"), vec![hidden, width]);
            width = hidden;
        }
        layer("encoder.mu".into(), vec![self.latent_size, width]);
        layer("encoder.log_var".into(), vec![self.latent_size, width]);
        width = self.latent_size + self.classes;
        for (i, hidden) in self.decoder_widths().into_iter().enumerate() {
            layer(format!("decoder.layers.{i}"), vec![hidden, width]);
            width = hidden;
        }
        let mut decoder = convolution.map_or_else(Vec::new, ConvolutionConfig::decoder_channels);
        let output = decoder.pop().map(kernel);
        for (i, channels) in decoder.into_iter().enumerate() {
            layer(format!("decoder.convolutions.{i}"), kernel(channels));
        }
        layer(
            "decoder.output".into(),
            output.unwrap_or_else(|| vec![self.input_size, width]),
        );
        shapes
    }

    /// Calls `layer` with name and shape of each weight of an imported model.
    fn network_layers(&self, network: &NetworkConfig, mut layer: impl FnMut(String, Vec<usize>)) {
        let [encoder, mut decoder] = network.weight_shapes(self.latent_size, self.classes);
        if network.encoder.is_some() {
            for (i, shape) in encoder.into_iter().enumerate() {
                layer(format!("encoder.layers.{i}"), shape);
            }
            let width = network.features(self.classes).unwrap_or(0);
            layer("encoder.mu".into(), vec![self.latent_size, width]);
            layer("encoder.log_var".into(), vec![self.latent_size, width]);
        }
        let output = decoder.pop();
        for (i, shape) in decoder.into_iter().enumerate() {
            layer(format!("decoder.layers.{i}"), shape);
        }
        if let Some(shape) = output {
            layer("decoder.output".into(), shape);
        }
    }

    /// Multiply-adds of encoding and decoding one image, biases and activations not counted; a training step takes about
    /// three times as many for each image.
    pub fn multiply_adds(&self) -> usize {
        let convolution = self.convolution.as_ref();
        let sides = convolution.map_or_else(Vec::new, ConvolutionConfig::sides);
        let kernel = ConvolutionConfig::KERNEL * ConvolutionConfig::KERNEL;
        let convolutions = sides.iter().map(|Sides { outer, inner }| {
            // The encoder's layer computes the inner map, the decoder's the outer one.
            let positions = outer.positions() + inner.positions();
            positions * kernel * outer.channels * inner.channels
        });
        let linear = self
            .parameter_shapes()
            .into_iter()
            .filter(|(_, shape)| shape.len() == 2)
            .map(|(_, shape)| shape[0] * shape[1]);
        convolutions.chain(linear).sum()
    }
}

/// Checks that the convolutions can be built.
fn check_convolution(convolution: &ConvolutionConfig) -> Result<(), ConfigError> {
    convolution.image.validate()?;
    let layers = convolution.channels.len();
    if !(1..=ConvolutionConfig::MAX_LAYERS).contains(&layers) {
        return Err(ConfigError::Convolutions(layers));
    }
    let fits = |channels: &&usize| (1..=ConvolutionConfig::MAX_CHANNELS).contains(*channels);
    match convolution.channels.iter().find(|channels| !fits(channels)) {
        Some(&channels) => Err(ConfigError::Channels(channels)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChannelScales, ImageShape};

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

    fn convolutional() -> VaeConfig {
        let convolution = ConvolutionConfig {
            image: ImageShape::color(32, 32),
            channels: vec![32, 64],
        };
        let scales = ChannelScales::equal(0.1, 3);
        let likelihood = Likelihood::DiscretizedLogistic { scales };
        VaeConfig::convolutional(convolution, vec![128], 16, likelihood)
    }

    #[test]
    fn parameter_shapes_of_a_convolutional_model_mirror_the_encoder() {
        let shapes = convolutional().parameter_shapes();
        let weights: Vec<_> = shapes
            .iter()
            .filter_map(|(name, shape)| Some((name.strip_suffix(".weight")?, &shape[..])))
            .collect();
        assert_eq!(
            weights,
            [
                ("encoder.convolutions.0", &[32, 3, 3, 3][..]),
                ("encoder.convolutions.1", &[64, 32, 3, 3]),
                ("encoder.layers.0", &[128, 4096]),
                ("encoder.mu", &[16, 128]),
                ("encoder.log_var", &[16, 128]),
                ("decoder.layers.0", &[128, 16]),
                ("decoder.layers.1", &[4096, 128]),
                ("decoder.convolutions.0", &[32, 64, 3, 3]),
                ("decoder.output", &[3, 32, 3, 3]),
            ]
        );
        assert_eq!(convolutional().validate(), Ok(()));
        let kernels = 3 * 32 * 256 + 32 * 64 * 64 + 64 * 32 * 256 + 32 * 3 * 1024;
        let linear = 2 * 4096 * 128 + 3 * 128 * 16;
        assert_eq!(convolutional().multiply_adds(), 9 * kernels + linear);
    }

    #[test]
    fn validate_rejects_convolutions_that_do_not_fit_the_image() {
        let with = |change: fn(&mut VaeConfig, &mut ConvolutionConfig)| {
            let mut config = convolutional();
            let mut convolution = config.convolution.take().expect("convolutional");
            change(&mut config, &mut convolution);
            config.convolution = Some(convolution);
            config.validate().expect_err("must be rejected")
        };
        assert!(matches!(
            with(|config, _| config.input_size = 3071),
            ConfigError::ImageSize { .. }
        ));
        assert!(matches!(
            with(|_, convolution| convolution.image.height = 65),
            ConfigError::Shape(_)
        ));
        assert_eq!(
            with(|_, convolution| convolution.channels = vec![]),
            ConfigError::Convolutions(0)
        );
        assert_eq!(
            with(|_, convolution| convolution.channels = vec![4; 5]),
            ConfigError::Convolutions(5)
        );
        assert_eq!(
            with(|_, convolution| convolution.channels = vec![0]),
            ConfigError::Channels(0)
        );
        let grey = with(|config, _| {
            config.likelihood = Likelihood::DiscretizedLogistic {
                scales: ChannelScales::equal(0.1, 1),
            };
        });
        assert!(matches!(grey, ConfigError::ScaleCount { scales: 1, .. }));
        let negative = with(|config, _| {
            config.likelihood = Likelihood::DiscretizedLogistic {
                scales: ChannelScales::equal(-0.1, 3),
            };
        });
        assert_eq!(negative, ConfigError::Scale(-0.1));
    }

    #[test]
    fn vae_config_stores_convolutions_beside_the_layers() {
        let json = r#"{
            "input_size": 3072, "convolution": {"image": [32, 32, 3], "channels": [32, 64]},
            "encoder_hidden": [128], "decoder_hidden": [128], "latent_size": 16, "activation": "gelu",
            "likelihood": {"kind": "discretized-logistic", "scales": [0.1, 0.1, 0.1]}
        }"#;
        assert_eq!(
            serde_json::from_str::<VaeConfig>(json).expect("parses"),
            convolutional()
        );
        let again = serde_json::to_string(&convolutional()).expect("plain data");
        assert_eq!(
            serde_json::from_str::<VaeConfig>(&again).expect("parses"),
            convolutional()
        );
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
