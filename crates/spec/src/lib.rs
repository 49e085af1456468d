//! The definition of a variational autoencoder and its training, as plain data.
//!
//! The model code computes with these types, the protocol carries them between page and workers, and cards and
//! checkpoints store them, so each is defined once, here. This crate depends on neither tensors nor the web.
//!
//! Their JSON is a file format: cards in `weights/`, checkpoints, and runs that browsers have saved must stay
//! readable. A test beside each type parses text in the stored form.

mod activation;
mod channel_scales;
mod conversion;
mod convolution;
mod graph;
mod image_shape;
mod likelihood;
mod mcmc_kernel;
mod network;
mod objective;
mod read_options;
mod training_spec;
mod vae_config;

pub use activation::Activation;
pub use channel_scales::ChannelScales;
pub use conversion::{Conversion, Polarity, Transposition};
pub use convolution::{ConvolutionConfig, FeatureMap, Sides};
pub use graph::{
    BinaryFunction, Graph, GraphError, GraphNode, GraphOperation, GraphWindow, Graphs, Reduction,
    UnaryFunction, ValueShape,
};
pub use image_shape::{ImageShape, ShapeError};
pub use likelihood::Likelihood;
pub use mcmc_kernel::McmcKernel;
pub use network::{
    NetworkActivation, NetworkConfig, NetworkError, Operation, OperationError, Spread, Window,
};
pub use objective::{Objective, UnsuitedObjective};
pub use read_options::ReadOptions;
pub use training_spec::{SettingError, TrainingSpec};
pub use vae_config::{ConfigError, VaeConfig};
