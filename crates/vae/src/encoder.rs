//! The encoder network of q(z|x).

use crate::{
    Activation, Condition, DiagonalGaussian, KernelPath, VaeConfig,
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
use spec::{ConvolutionConfig, Graphs, NetworkConfig, Spread};

/// The encoder q_φ(z|x) = N(μ(x), diag σ²(x)) (notes, section 7; Kingma & Welling, appendix C.2).
#[derive(Module, Debug)]
pub struct Encoder {
    /// 3×3 convolutions, as linear layers of patches (see [`convolution`]); empty for a multilayer perceptron.
    pub(crate) convolutions: Vec<Linear>,
    pub(crate) layers: Vec<Linear>,
    pub(crate) mu: Linear,
    pub(crate) log_var: Linear,
    #[module(skip)]
    pub(crate) convolution: Option<ConvolutionConfig>,
    /// The operations of an imported model, whose weights are `layers`.
    #[module(skip)]
    pub(crate) network: Option<NetworkConfig>,
    /// The weights of an imported model that is a graph.
    pub(crate) graph_weights: Vec<Param<Tensor<1>>>,
    #[module(skip)]
    pub(crate) activation: Activation,
    #[module(skip)]
    pub(crate) kernel_path: KernelPath,
}

impl Encoder {
    pub(crate) fn new(config: &VaeConfig, init: &mut Init, device: &Device) -> Self {
        if let Some(network) = &config.network {
            return Self::imported(config, network, init, device);
        }
        let convolution = config.convolution.as_ref();
        let channels = convolution.map_or_else(Vec::new, ConvolutionConfig::encoder_channels);
        let convolutions = channels
            .into_iter()
            .map(|channels| init.convolution(channels, device))
            .collect();
        let mut width = config.features_size() + config.classes;
        let layers = config
            .encoder_hidden
            .iter()
            .map(|&hidden| init.linear(std::mem::replace(&mut width, hidden), hidden, device))
            .collect();
        Self {
            convolutions,
            layers,
            mu: init.linear(width, config.latent_size, device),
            log_var: init.linear(width, config.latent_size, device),
            convolution: config.convolution.clone(),
            network: None,
            graph_weights: Vec::new(),
            activation: config.activation,
            kernel_path: KernelPath::default(),
        }
    }

    /// The encoder of an imported model. One without an encoder has heads whose outputs have no meaning.
    fn imported(
        config: &VaeConfig,
        network: &NetworkConfig,
        init: &mut Init,
        device: &Device,
    ) -> Self {
        let graph = network.graphs.as_ref();
        let graph = graph.and_then(|graphs| graphs.encoder.as_ref());
        let [shapes, _] = network.weight_shapes(config.latent_size, config.classes);
        // A graph contains the heads.
        let width = match network.graphs {
            Some(_) => 1,
            None => network.features(config.classes).unwrap_or(1),
        };
        Self {
            convolutions: Vec::new(),
            layers: network::layers(&shapes, init, device),
            mu: init.linear(width, config.latent_size, device),
            log_var: init.linear(width, config.latent_size, device),
            convolution: None,
            network: Some(network.clone()),
            graph_weights: graph.map_or_else(Vec::new, |graph| graph::weights(graph, device)),
            activation: config.activation,
            kernel_path: KernelPath::Reference,
        }
    }

    /// μ and log σ² of q(z|x) for each image.
    ///
    /// # Shapes
    /// - `x`: `[n, input]`, pixels in `[0, 1]` (any real value for a Gaussian likelihood)
    /// - `condition`: `[n, classes]`; empty for an unconditional model
    /// - both parts of the result: `[n, latent]`
    ///
    /// # Panics
    /// If the last axis of `x` is not the image size, or the condition does not fit the model; callers validate it.
    pub fn forward(&self, x: Tensor<2>, condition: &Condition) -> DiagonalGaussian {
        if let Some(network) = &self.network {
            return self.forward_imported(network, x, condition);
        }
        let input = condition.append_to(self.features(x));
        let heads = [&self.mu, &self.log_var];
        let outputs = cpu::forward(
            &self.layers,
            &heads,
            self.activation,
            &input,
            self.kernel_path,
        )
        .and_then(|outputs| <[_; 2]>::try_from(outputs).ok());
        if let Some([mu, log_var]) = outputs {
            return DiagonalGaussian::new(mu, log_var);
        }
        let hidden = self.layers.iter().fold(input, |hidden, layer| {
            let output = apply(layer, hidden, self.kernel_path);
            activate(self.activation, output, self.kernel_path)
        });
        DiagonalGaussian::new(
            apply(&self.mu, hidden.clone(), self.kernel_path),
            apply(&self.log_var, hidden, self.kernel_path),
        )
    }

    fn forward_imported(
        &self,
        network: &NetworkConfig,
        x: Tensor<2>,
        condition: &Condition,
    ) -> DiagonalGaussian {
        let (mu, spread) = match &network.graphs {
            Some(graphs) => self.graph_heads(graphs, x, condition),
            None => self.linear_heads(network, x, condition),
        };
        // Far below the smallest σ that a `DiagonalGaussian` has.
        const SMALLEST: f64 = 1e-12;
        let log_var = match network.spread {
            Spread::LogVar => spread,
            Spread::LogSigma => spread * 2.0,
            Spread::Sigma => spread.abs().clamp_min(SMALLEST).log() * 2.0,
            Spread::Softplus => network::softplus(spread).clamp_min(SMALLEST).log() * 2.0,
        };
        DiagonalGaussian::new(mu, log_var)
    }

    /// The outputs of both heads of a sequence of operations.
    fn linear_heads(
        &self,
        network: &NetworkConfig,
        x: Tensor<2>,
        condition: &Condition,
    ) -> (Tensor<2>, Tensor<2>) {
        let operations = network.encoder.as_deref().unwrap_or_default();
        let layers: Vec<_> = self.layers.iter().collect();
        let (map, path) = (network.image_map(), self.kernel_path);
        let features = network::forward(operations, map, &layers, x, condition, path);
        let mu = apply(&self.mu, features.clone(), path);
        (mu, apply(&self.log_var, features, path))
    }

    /// Both outputs of a graph; without an encoder, zeros.
    fn graph_heads(
        &self,
        graphs: &Graphs,
        x: Tensor<2>,
        condition: &Condition,
    ) -> (Tensor<2>, Tensor<2>) {
        let path = self.kernel_path;
        let outputs = graphs.encoder.as_ref().map(|encoder| {
            graph::forward(encoder, &self.graph_weights, x.clone(), condition, path)
        });
        match <[_; 2]>::try_from(outputs.unwrap_or_default()) {
            Ok([mu, spread]) => (mu, spread),
            Err(_) => {
                let latent = self.mu.weight.dims()[1];
                let zeros = Tensor::zeros([x.dims()[0], latent], &x.device());
                (zeros.clone(), zeros)
            }
        }
    }

    /// The innermost feature map of each image, or without convolutions the image itself: `[n, features]`.
    fn features(&self, x: Tensor<2>) -> Tensor<2> {
        let Some(config) = &self.convolution else {
            return x;
        };
        let layers = self.convolutions.iter().zip(config.sides());
        layers.fold(x, |x, (layer, sides)| {
            convolution::strided(layer, x, sides, Some(self.activation), self.kernel_path)
        })
    }

    /// The layers packed for many forward passes on the CPU; the convolutions of a convolutional encoder come first.
    pub(crate) fn pack(&self) -> (Option<PackedConvolutions>, PackedMlp) {
        let convolutions = self.convolution.as_ref().map(|config| {
            let kinds = config.sides().into_iter().map(Convolution::Strided);
            cpu::convolution::packed(kinds.zip(&self.convolutions), self.activation)
        });
        let heads = [&self.mu, &self.log_var];
        let layers = cpu::packed_mlp(&self.layers, &heads, self.activation);
        (convolutions, layers)
    }
}
