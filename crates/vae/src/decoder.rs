//! The decoder network of p(x|z).

use crate::{
    Activation, Condition, KernelPath, VaeConfig,
    activation::activate,
    cpu,
    linear::{Init, apply},
};
use burn::{
    module::Module,
    nn::Linear,
    tensor::{Device, Tensor},
};
use kernels::mlp::PackedMlp;

/// The decoder p_θ(x|z) (notes, section 3). Its raw output parameterizes the [`Likelihood`](crate::Likelihood): logits for
/// the Bernoulli kinds, the mean f(z) for the Gaussian.
#[derive(Module, Debug)]
pub struct Decoder {
    pub(crate) layers: Vec<Linear>,
    pub(crate) output: Linear,
    #[module(skip)]
    pub(crate) activation: Activation,
    #[module(skip)]
    pub(crate) kernel_path: KernelPath,
}

impl Decoder {
    pub(crate) fn new(config: &VaeConfig, init: &mut Init, device: &Device) -> Self {
        let mut width = config.latent_size + config.classes;
        let layers = config
            .decoder_hidden
            .iter()
            .map(|&hidden| init.linear(std::mem::replace(&mut width, hidden), hidden, device))
            .collect();
        Self {
            layers,
            output: init.linear(width, config.input_size, device),
            activation: config.activation,
            kernel_path: KernelPath::default(),
        }
    }

    /// The raw output for each z.
    ///
    /// # Shapes
    /// - `z`: `[n, latent]`
    /// - `condition`: `[n, classes]`; empty for an unconditional model
    /// - result: `[n, input]`
    ///
    /// # Panics
    /// If the last axis of `z` is not the latent size, or the condition does not fit the model; callers validate it.
    pub fn forward(&self, z: Tensor<2>, condition: &Condition) -> Tensor<2> {
        let input = condition.append_to(z);
        let outputs = cpu::forward(
            &self.layers,
            &[&self.output],
            self.activation,
            &input,
            self.kernel_path,
        );
        if let Some(output) = outputs.and_then(|mut outputs| outputs.pop()) {
            return output;
        }
        let hidden = self.layers.iter().fold(input, |hidden, layer| {
            let output = apply(layer, hidden, self.kernel_path);
            activate(self.activation, output, self.kernel_path)
        });
        apply(&self.output, hidden, self.kernel_path)
    }

    /// The layers packed for many forward passes on the CPU.
    pub(crate) fn pack(&self) -> PackedMlp {
        cpu::packed_mlp(&self.layers, &[&self.output], self.activation)
    }
}
