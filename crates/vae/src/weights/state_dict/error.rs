//! Why a state dict can't be imported.

use super::super::WeightsError;
use thiserror::Error;

/// The largest number of linear layers that are searched.
pub const MAX_STATE_DICT_LAYERS: usize = 24;

/// A state dict in which no fully connected VAE was found.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum StateDictError {
    /// The file is invalid, or holds values that are not finite.
    #[error(transparent)]
    File(#[from] WeightsError),
    /// A tensor that is no part of a linear layer.
    #[error(
        "\"{name}\" has the shape {shape:?}, which is no weight or bias of a linear layer; only chains of Linear layers are supported"
    )]
    NotLinear {
        /// The name.
        name: String,
        /// The shape.
        shape: Vec<usize>,
    },
    /// A layer without a weight or without a bias, or whose weight and bias have different sizes.
    #[error("the layer \"{layer}\" has no weight and bias of matching sizes")]
    Incomplete {
        /// The name.
        layer: String,
    },
    /// Too many layers.
    #[error("there are {found} linear layers; at most {MAX_STATE_DICT_LAYERS} are supported")]
    TooMany {
        /// Their number.
        found: usize,
    },
    /// The layers do not form an encoder and a decoder.
    #[error(
        "the layers ({shapes}) form no chain image → hidden → μ and log σ² → z → hidden → image that uses each of them once"
    )]
    NoChain {
        /// The layers with their sizes.
        shapes: String,
    },
}
