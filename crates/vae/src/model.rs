//! The model: encoder, decoder and likelihood.

use crate::{
    Condition, ConfigError, Decoder, ElboParts, Encoder, KernelPath, Likelihood,
    LikelihoodOps as _, VaeConfig, linear::Init,
};
use burn::{
    module::{Module, Param},
    nn::Linear,
    tensor::{Device, Tensor},
};
use kernels::step::StepConfig;

/// A variational autoencoder (Kingma & Welling 2013; notes, sections 3 to 8). The prior p(z) is
/// N(0, I).
#[derive(Module, Debug)]
pub struct Vae {
    /// q(z|x).
    pub encoder: Encoder,
    /// The network of p(x|z).
    pub decoder: Decoder,
    /// The distribution that the decoder's output parameterizes.
    #[module(skip)]
    pub likelihood: Likelihood,
}

impl Vae {
    /// A model with fresh weights: uniform in ±1/√fan-in, PyTorch's default for a linear layer.
    ///
    /// The numbers are drawn on the host, so that a seed gives the same model on every backend.
    ///
    /// # Errors
    /// As [`VaeConfig::validate`].
    pub fn init(config: &VaeConfig, seed: u64, device: &Device) -> Result<Self, ConfigError> {
        Self::build(config, &mut Init::seeded(seed), device)
    }

    /// A model whose weights are all zero, for weights to be loaded into.
    pub(crate) fn init_zeros(config: &VaeConfig, device: &Device) -> Result<Self, ConfigError> {
        Self::build(config, &mut Init::Zeros, device)
    }

    fn build(config: &VaeConfig, init: &mut Init, device: &Device) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            encoder: Encoder::new(config, init, device),
            decoder: Decoder::new(config, init, device),
            likelihood: config.likelihood,
        })
    }

    /// The parts of the ELBO of each image, with z = μ + σ⊙ε for the given ε.
    ///
    /// # Shapes
    /// - `x`: `[n, input]`
    /// - `condition`: `[n, classes]`; empty for an unconditional model
    /// - `eps`: `[n, latent]`
    pub fn elbo(&self, x: Tensor<2>, condition: &Condition, eps: Tensor<2>) -> ElboParts {
        let q = self.encoder.forward(x.clone(), condition);
        let output = self.decoder.forward(q.reparameterize(eps), condition);
        let in_training = output.device().is_autodiff();
        let d_log_scale = in_training
            .then(|| {
                let (output, x) = (output.clone().inner(), x.clone().inner());
                self.likelihood.d_log_scale(output, x)
            })
            .flatten();
        ElboParts {
            reconstruction: self.likelihood.log_prob(output, x, self.kernel_path()),
            kl: q.kl_from_prior(),
            d_log_scale,
        }
    }

    /// The decoded image for each z: the mean of p(x|z) (notes, section 8).
    ///
    /// # Shapes
    /// - `z`: `[n, latent]`
    /// - `condition`: `[n, classes]`; empty for an unconditional model
    /// - result: `[n, input]`
    pub fn decode(&self, z: Tensor<2>, condition: &Condition) -> Tensor<2> {
        let output = self.decoder.forward(z, condition);
        self.likelihood.mean(output, self.kernel_path())
    }

    /// Sets how the model computes; the default is [`KernelPath::Fused`]. An imported model with operations of its own always
    /// computes by [`KernelPath::Reference`].
    pub fn with_kernel_path(mut self, path: KernelPath) -> Self {
        // The kernels do not know the operations of imported models.
        if self.encoder.network.is_none() {
            self.encoder.kernel_path = path;
            self.decoder.kernel_path = path;
        }
        self
    }

    /// How the model computes.
    pub fn kernel_path(&self) -> KernelPath {
        self.decoder.kernel_path
    }

    /// Whether the model has an encoder; an imported one may have a decoder alone. Without one, encoding gives numbers
    /// without meaning, and so does the ELBO.
    pub fn has_encoder(&self) -> bool {
        let network = self.encoder.network.as_ref();
        network.is_none_or(|network| network.encoder.is_some())
    }

    /// Whether the model is an imported one whose networks are graphs.
    fn is_graph(&self) -> bool {
        let network = self.encoder.network.as_ref();
        network.is_some_and(|network| network.graphs.is_some())
    }

    /// The weights of the graphs of an imported model, in the order of
    /// [`VaeConfig::parameter_shapes`](crate::VaeConfig::parameter_shapes).
    pub(crate) fn graph_weights(&self) -> impl Iterator<Item = &Param<Tensor<1>>> {
        let decoder = &self.decoder.graph_weights;
        self.encoder.graph_weights.iter().chain(decoder)
    }

    /// As [`graph_weights`](Self::graph_weights), mutable.
    pub(crate) fn graph_weights_mut(&mut self) -> impl Iterator<Item = &mut Param<Tensor<1>>> {
        let decoder = &mut self.decoder.graph_weights;
        self.encoder.graph_weights.iter_mut().chain(decoder)
    }

    /// All layers, convolutions as linear layers of their patches, in the order of [`VaeConfig::parameter_shapes`](crate::VaeConfig::parameter_shapes).
    pub(crate) fn linears(&self) -> Vec<&Linear> {
        if self.is_graph() {
            return Vec::new();
        }
        let Encoder {
            convolutions,
            layers,
            mu,
            log_var,
            ..
        } = &self.encoder;
        let ends = [mu, log_var].into_iter().filter(|_| self.has_encoder());
        convolutions
            .iter()
            .chain(layers)
            .chain(ends)
            .chain(&self.decoder.layers)
            .chain(&self.decoder.convolutions)
            .chain([&self.decoder.output])
            .collect()
    }

    /// As [`linears`](Self::linears), mutable.
    pub(crate) fn linears_mut(&mut self) -> Vec<&mut Linear> {
        if self.is_graph() {
            return Vec::new();
        }
        let has_encoder = self.has_encoder();
        let Encoder {
            convolutions,
            layers,
            mu,
            log_var,
            ..
        } = &mut self.encoder;
        let ends = [mu, log_var].into_iter().filter(|_| has_encoder);
        let Decoder {
            layers: decoder_layers,
            convolutions: decoder_convolutions,
            output,
            ..
        } = &mut self.decoder;
        convolutions
            .iter_mut()
            .chain(layers)
            .chain(ends)
            .chain(decoder_layers)
            .chain(decoder_convolutions)
            .chain([output])
            .collect()
    }

    /// Replaces each weight and each bias.
    pub(crate) fn map_parameters(
        mut self,
        weight: impl Fn(Tensor<2>) -> Tensor<2>,
        bias: impl Fn(Tensor<1>) -> Tensor<1>,
    ) -> Self {
        for layer in self.linears_mut() {
            layer.weight = layer.weight.clone().map(&weight);
            layer.bias = layer.bias.take().map(|value| value.map(&bias));
        }
        self
    }

    /// What a training step on the CPU needs to know of this model, with the loss's β.
    pub(crate) fn step_config(&self, beta: f64) -> StepConfig {
        StepConfig {
            convolution: self.encoder.convolution.clone(),
            encoder_layers: self.encoder.layers.len(),
            activation: self.decoder.activation,
            likelihood: self.likelihood,
            beta,
        }
    }

    /// The configuration of this model.
    pub fn config(&self) -> VaeConfig {
        let widths = |layers: &[Linear]| -> Vec<usize> {
            layers.iter().map(|layer| layer.weight.shape()[1]).collect()
        };
        if let Some(network) = &self.encoder.network {
            return VaeConfig {
                input_size: self.input_size(),
                convolution: None,
                network: Some(network.clone()),
                encoder_hidden: Vec::new(),
                decoder_hidden: Vec::new(),
                latent_size: self.latent_size(),
                classes: self.classes(),
                activation: self.decoder.activation,
                likelihood: self.likelihood,
            };
        }
        let mut decoder_hidden = widths(&self.decoder.layers);
        if self.encoder.convolution.is_some() {
            // The innermost feature map, which follows from the convolutions.
            decoder_hidden.pop();
        }
        VaeConfig {
            input_size: self.input_size(),
            convolution: self.encoder.convolution.clone(),
            network: None,
            encoder_hidden: widths(&self.encoder.layers),
            decoder_hidden,
            latent_size: self.latent_size(),
            classes: self.classes(),
            activation: self.decoder.activation,
            likelihood: self.likelihood,
        }
    }

    /// Number of values of an image: pixels × channels.
    pub fn input_size(&self) -> usize {
        if let Some(network) = &self.encoder.network {
            return network.image.values();
        }
        match &self.encoder.convolution {
            Some(config) => config.image.values(),
            None => self.decoder.output.weight.shape()[1],
        }
    }

    /// Number of classes of the condition; 0 for an unconditional model.
    pub fn classes(&self) -> usize {
        let first = self.decoder.layers.first().unwrap_or(&self.decoder.output);
        first.weight.shape()[0] - self.latent_size()
    }

    /// Number of latent dimensions.
    pub fn latent_size(&self) -> usize {
        self.encoder.mu.weight.shape()[1]
    }
}
