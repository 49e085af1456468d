//! The generative model's p(x|z).

use crate::{Activation, VaeConfig, linear::Init};
use burn::{
    module::Module,
    nn::Linear,
    tensor::{Device, Tensor},
};

/// The decoder p_θ(x|z) (notes, section 3). It gives the raw output; the
/// [`Likelihood`](crate::Likelihood) says what it means: logits for the Bernoulli kinds, the mean
/// f(z) for the Gaussian.
#[derive(Module, Debug)]
pub struct Decoder {
    pub(crate) layers: Vec<Linear>,
    pub(crate) output: Linear,
    #[module(skip)]
    pub(crate) activation: Activation,
}

impl Decoder {
    pub(crate) fn new(config: &VaeConfig, init: &mut Init, device: &Device) -> Self {
        let mut width = config.latent_size;
        let layers = config
            .decoder_hidden
            .iter()
            .map(|&hidden| init.linear(std::mem::replace(&mut width, hidden), hidden, device))
            .collect();
        Self {
            layers,
            output: init.linear(width, config.input_size, device),
            activation: config.activation,
        }
    }

    /// The raw output for each z.
    ///
    /// # Shapes
    /// - `z`: `[n, latent]`
    /// - result: `[n, input]`
    ///
    /// # Panics
    /// If the last axis of `z` is not the latent size; callers check at their boundary.
    pub fn forward(&self, z: Tensor<2>) -> Tensor<2> {
        let hidden = self.layers.iter().fold(z, |hidden, layer| {
            self.activation.forward(layer.forward(hidden))
        });
        self.output.forward(hidden)
    }
}
