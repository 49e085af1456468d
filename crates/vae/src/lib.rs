//! Variational autoencoders, after Kingma & Welling (2013) and David Meyer's *Notes on Variational
//! Autoencoders* (2016), whose equation numbers the doc comments give.
//!
//! The crate depends on burn, but not on files, threads or the web: inputs and outputs are tensors and bytes. So it runs
//! unchanged in tests, in the trainer and in a worker.
//!
//! A [`Vae`] is built from a [`VaeConfig`] on a device:
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use vae::{Activation, Condition, Likelihood, Noise, Vae, VaeConfig};
//!
//! let device = Device::flex();
//! let config = VaeConfig {
//!     input_size: 784,
//!     convolution: None,
//!     network: None,
//!     encoder_hidden: vec![64],
//!     decoder_hidden: vec![64],
//!     latent_size: 2,
//!     classes: 0,
//!     activation: Activation::Gelu,
//!     likelihood: Likelihood::Bernoulli,
//! };
//! let model = Vae::init(&config, 7, &device)?;
//! let x = Tensor::<2>::zeros([3, 784], &device); // [n, input]
//! let eps = Noise::seeded(7, 0).normal([3, 2], &device); // [n, latent]
//! let parts = model.elbo(x, &Condition::none(), eps);
//! assert_eq!(parts.elbo().dims(), [3]);
//! # Ok::<(), vae::ConfigError>(())
//! ```
//!
//! Throughout, `n` is the number of images in a batch, and every information quantity is in nats.

mod activation;
mod class_means;
mod condition;
mod convolution;
mod cpu;
mod decoder;
mod elbo;
mod encoder;
mod evaluate;
pub mod evidence;
#[cfg(feature = "webgpu")]
mod gpu;
pub mod graph;
mod inference_model;
mod kernel_path;
mod likelihood;
mod linear;
mod model;
mod network;
mod noise;
mod posterior;
mod self_check;
pub mod train;
pub mod weights;

pub use class_means::class_means;
pub use condition::Condition;
pub use decoder::Decoder;
pub use elbo::{ElboParts, ElboSummary};
pub use encoder::Encoder;
pub use evaluate::{ACTIVE_UNIT_VARIANCE, Evaluation, evaluate};
pub use inference_model::{Encoded, InferenceModel};
pub use kernel_path::KernelPath;
pub use likelihood::{ExponentialFamily, LikelihoodOps};
pub use model::Vae;
pub use noise::Noise;
pub use posterior::{DiagonalGaussian, LOG_VAR_MAX, LOG_VAR_MIN};
pub use self_check::{SelfCheckResult, self_check};

pub use spec::{
    Activation, ChannelScales, ConfigError, ConvolutionConfig, Graph, GraphNode, GraphOperation,
    Graphs, ImageShape, Likelihood, NetworkActivation, NetworkConfig, Operation, Spread, VaeConfig,
    Window,
};

/// The error of reading values back from a device.
pub use burn::tensor::ExecutionError;
