//! The decoder network of p(x|z).

use crate::{
    Activation, Condition, KernelPath, VaeConfig,
    activation::activate,
    convolution, cpu, graph,
    linear::{Init, apply},
    network,
};
use burn::{
    module::{Module, Param},
    nn::Linear,
    tensor::{Device, Tensor},
};
use kernels::{
    conv::{Convolution, PackedConvolutions},
    mlp::PackedMlp,
};
use spec::{ConvolutionConfig, FeatureMap, NetworkConfig};

/// The decoder p_θ(x|z) (notes, section 3). Its raw output parameterizes the [`Likelihood`](crate::Likelihood): logits for
/// the Bernoulli kinds, the mean f(z) for the Gaussian, the location μ for
/// the discretized logistic.
#[derive(Module, Debug)]
pub struct Decoder {
    pub(crate) layers: Vec<Linear>,
    /// 3×3 convolutions but the last, as linear layers of patches (see [`convolution`]); empty for a multilayer
    /// perceptron.
    pub(crate) convolutions: Vec<Linear>,
    /// The last layer: a convolution if the model has some.
    pub(crate) output: Linear,
    #[module(skip)]
    pub(crate) convolution: Option<ConvolutionConfig>,
    /// The operations of an imported model, whose weights are `layers` and `output`, and the number of latent dimensions.
    #[module(skip)]
    pub(crate) network: Option<(NetworkConfig, usize)>,
    /// The weights of an imported model that is a graph. `output` has no meaning then; its inputs are z and the label.
    pub(crate) graph_weights: Vec<Param<Tensor<1>>>,
    #[module(skip)]
    pub(crate) activation: Activation,
    #[module(skip)]
    pub(crate) kernel_path: KernelPath,
}

impl Decoder {
    pub(crate) fn new(config: &VaeConfig, init: &mut Init, device: &Device) -> Self {
        if let Some(network) = &config.network {
            return Self::imported(config, network, init, device);
        }
        let mut width = config.latent_size + config.classes;
        let layers = config
            .decoder_widths()
            .into_iter()
            .map(|hidden| init.linear(std::mem::replace(&mut width, hidden), hidden, device))
            .collect();
        let convolution = config.convolution.as_ref();
        let channels = convolution.map_or_else(Vec::new, ConvolutionConfig::decoder_channels);
        let mut convolutions: Vec<Linear> = channels
            .into_iter()
            .map(|channels| init.convolution(channels, device))
            .collect();
        let output = convolutions
            .pop()
            .unwrap_or_else(|| init.linear(width, config.input_size, device));
        Self {
            layers,
            convolutions,
            output,
            convolution: config.convolution.clone(),
            network: None,
            graph_weights: Vec::new(),
            activation: config.activation,
            kernel_path: KernelPath::default(),
        }
    }

    /// The decoder of an imported model.
    fn imported(
        config: &VaeConfig,
        network: &NetworkConfig,
        init: &mut Init,
        device: &Device,
    ) -> Self {
        if let Some(graphs) = &network.graphs {
            return Self {
                layers: Vec::new(),
                convolutions: Vec::new(),
                output: Init::Zeros.linear(config.latent_size + config.classes, 1, device),
                convolution: None,
                network: Some((network.clone(), config.latent_size)),
                graph_weights: graph::weights(&graphs.decoder, device),
                activation: config.activation,
                kernel_path: KernelPath::Reference,
            };
        }
        let [_, shapes] = network.weight_shapes(config.latent_size, config.classes);
        let mut layers = network::layers(&shapes, init, device);
        let output = layers.pop().expect("a validated decoder has a layer");
        Self {
            layers,
            convolutions: Vec::new(),
            output,
            convolution: None,
            network: Some((network.clone(), config.latent_size)),
            graph_weights: Vec::new(),
            activation: config.activation,
            kernel_path: KernelPath::Reference,
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
        if let Some((network, latent)) = &self.network {
            if let Some(graphs) = &network.graphs {
                let path = self.kernel_path;
                let weights = &self.graph_weights;
                let outputs = graph::forward(&graphs.decoder, weights, z, condition, path);
                return outputs.into_iter().next().expect("one output");
            }
            let layers: Vec<_> = self.layers.iter().chain([&self.output]).collect();
            let map = FeatureMap {
                height: 1,
                width: 1,
                channels: *latent,
            };
            let operations = &network.decoder;
            return network::forward(operations, map, &layers, z, condition, self.kernel_path);
        }
        let input = condition.append_to(z);
        let (hidden, head) = self.linear_layers();
        let outputs = cpu::forward(hidden, &[head], self.activation, &input, self.kernel_path);
        let output = match outputs.and_then(|mut outputs| outputs.pop()) {
            Some(output) => output,
            None => {
                let hidden = hidden.iter().fold(input, |hidden, layer| {
                    let output = apply(layer, hidden, self.kernel_path);
                    activate(self.activation, output, self.kernel_path)
                });
                apply(head, hidden, self.kernel_path)
            }
        };
        match &self.convolution {
            Some(config) => self.convolve(config, output),
            None => output,
        }
    }

    /// The fully connected layers: those that the activation follows, and the last one, which writes the raw output or, in
    /// a convolutional decoder, the innermost feature map.
    fn linear_layers(&self) -> (&[Linear], &Linear) {
        match self.layers.split_last() {
            Some((last, hidden)) if self.convolution.is_some() => (hidden, last),
            _ => (&self.layers, &self.output),
        }
    }

    /// All convolutions, from the innermost feature map outwards.
    fn all_convolutions(&self) -> impl Iterator<Item = &Linear> {
        self.convolutions.iter().chain([&self.output])
    }

    /// The raw output for each innermost feature map, to which the activation is not yet applied: `[n, input]`.
    fn convolve(&self, config: &ConvolutionConfig, features: Tensor<2>) -> Tensor<2> {
        let x = activate(self.activation, features, self.kernel_path);
        let last = self.convolutions.len();
        let sides = config.sides().into_iter().rev();
        let layers = self.all_convolutions().zip(sides).enumerate();
        layers.fold(x, |x, (index, (layer, sides))| {
            let activation = (index < last).then_some(self.activation);
            convolution::upsampled(layer, x, sides, activation, self.kernel_path)
        })
    }

    /// The layers packed for many forward passes on the CPU; the convolutions of a convolutional decoder come last.
    pub(crate) fn pack(&self) -> (PackedMlp, Option<PackedConvolutions>) {
        let (hidden, head) = self.linear_layers();
        let convolutions = self.convolution.as_ref().map(|config| {
            let kinds = config.sides().into_iter().rev().map(Convolution::Upsampled);
            cpu::convolution::packed(kinds.zip(self.all_convolutions()), self.activation)
        });
        (
            cpu::packed_mlp(hidden, &[head], self.activation),
            convolutions,
        )
    }
}
