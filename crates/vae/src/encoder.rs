//! The encoder network of q(z|x).

use crate::{
    Activation, Condition, DiagonalGaussian, KernelPath, VaeConfig,
    activation::activate,
    convolution, cpu,
    linear::{Init, apply},
};
use burn::{
    module::Module,
    nn::Linear,
    tensor::{Device, Tensor},
};
use kernels::{
    conv::{Convolution, PackedConvolutions},
    mlp::PackedMlp,
};
use spec::ConvolutionConfig;

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
    #[module(skip)]
    pub(crate) activation: Activation,
    #[module(skip)]
    pub(crate) kernel_path: KernelPath,
}

impl Encoder {
    pub(crate) fn new(config: &VaeConfig, init: &mut Init, device: &Device) -> Self {
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
            activation: config.activation,
            kernel_path: KernelPath::default(),
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

    /// The innermost feature map of each image, or without convolutions the image itself: `[n, features]`.
    fn features(&self, x: Tensor<2>) -> Tensor<2> {
        let Some(config) = &self.convolution else {
            return x;
        };
        let layers = self.convolutions.iter().zip(config.sides());
        layers.fold(x, |x, (layer, sides)| {
            let y = convolution::strided(layer, x, sides, self.kernel_path);
            activate(self.activation, y, self.kernel_path)
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
