//! Errors of cards and weights files.

use crate::ConfigError;
use spec::ImageShape;
use thiserror::Error;

/// An invalid card or weights file.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum WeightsError {
    /// The card is not valid.
    #[error("the model card is invalid ({reason}); is it the .json file beside the weights?")]
    Card {
        /// The reason, from the JSON parser.
        reason: String,
    },
    /// The card has another format version.
    #[error(
        "the model card has format {found}, but this version reads format {}; export it again",
        super::FORMAT
    )]
    Format {
        /// The card's version.
        found: u32,
    },
    /// The card's architecture is invalid.
    #[error("the model card describes an invalid architecture: {0}")]
    Config(#[from] ConfigError),
    /// Image size and architecture do not match.
    #[error(
        "the model card describes images of another shape ({image}) than its network, which has {input_size} inputs"
    )]
    ImageSize {
        /// The image's shape.
        image: ImageShape,
        /// The architecture's input size.
        input_size: usize,
    },
    /// The file has another length than on the card.
    #[error(
        "the weights have {found} bytes instead of {expected} as on the card: the file is cut off or belongs to another card; load it again"
    )]
    Length {
        /// Bytes as on the card.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// The file's checksum differs from the card's.
    #[error(
        "the weights are damaged or belong to another card (their SHA-256 differs); load them again"
    )]
    Checksum,
    /// The file is not a valid safetensors file.
    #[error("the weights are not a valid safetensors file ({reason})")]
    NotSafetensors {
        /// The reason, from the reader.
        reason: String,
    },
    /// A tensor of the architecture is missing.
    #[error("the tensor \"{name}\" is missing from the weights")]
    Missing {
        /// The tensor's name.
        name: String,
    },
    /// A tensor that is not part of the architecture.
    #[error("the weights contain \"{name}\", which is not part of the card's architecture")]
    Unexpected {
        /// The tensor's name.
        name: String,
    },
    /// A tensor with another shape.
    #[error(
        "\"{name}\" has the shape {found:?} instead of {expected:?} as in the card's architecture"
    )]
    Shape {
        /// The tensor's name.
        name: String,
        /// The architecture's shape.
        expected: Vec<usize>,
        /// The tensor's shape.
        found: Vec<usize>,
    },
    /// A tensor with an unsupported number format.
    #[error("\"{name}\" has the type {found}; only F32 and F16 are supported")]
    Type {
        /// The tensor's name.
        name: String,
        /// The tensor's type.
        found: String,
    },
    /// A value is infinite or NaN.
    #[error(
        "\"{name}\" contains a value that is not finite; the training diverged or the file is damaged"
    )]
    NotFinite {
        /// The tensor's name.
        name: String,
    },
    /// The model has graphs, and no interpreter was installed ([`graph::install`](crate::graph::install)).
    #[error("the interpreter of graphs is missing")]
    NoInterpreter,
    /// Reading or writing failed although all checks passed.
    #[error("the weights can't be read or written: {reason}")]
    Store {
        /// The reason.
        reason: String,
    },
}
