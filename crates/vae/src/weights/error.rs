//! What can be wrong with a card or a weights file.

use crate::ConfigError;
use thiserror::Error;

/// A card or a weights file that can't be used. Nothing has been changed when this is returned.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum WeightsError {
    /// The card is no JSON, or no card.
    #[error("the model card can't be read ({reason}); is it the .json file beside the weights?")]
    Card {
        /// What the JSON reader says.
        reason: String,
    },
    /// The card is of another version.
    #[error(
        "the model card is of format {found}, this version reads {}; export it again",
        super::FORMAT
    )]
    Format {
        /// The version found.
        found: u32,
    },
    /// The card describes no model.
    #[error("the model card describes a model that can't be built: {0}")]
    Config(#[from] ConfigError),
    /// Image and architecture contradict each other.
    #[error(
        "the model card says {height}×{width} pixels, but the network takes {input_size} values"
    )]
    ImageSize {
        /// Pixels in a column.
        height: usize,
        /// Pixels in a row.
        width: usize,
        /// The architecture's input size.
        input_size: usize,
    },
    /// The file is not as long as the card says.
    #[error(
        "the weights have {found} bytes where the card says {expected}: the file is cut off or belongs to another card; load it again"
    )]
    Length {
        /// Bytes that the card promises.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// The file is not the one that the card was written for.
    #[error(
        "the weights are damaged or belong to another card (their SHA-256 differs); load them again"
    )]
    Checksum,
    /// Not safetensors.
    #[error("the weights are no safetensors file ({reason})")]
    NotSafetensors {
        /// What the reader says.
        reason: String,
    },
    /// A tensor that the architecture needs is absent.
    #[error("the weights lack \"{name}\"")]
    Missing {
        /// The tensor's name.
        name: String,
    },
    /// A tensor that the architecture has no place for.
    #[error("the weights hold \"{name}\", for which the architecture on the card has no place")]
    Unexpected {
        /// The tensor's name.
        name: String,
    },
    /// A tensor of another shape.
    #[error("\"{name}\" has the shape {found:?} where the card's architecture needs {expected:?}")]
    Shape {
        /// The tensor's name.
        name: String,
        /// The shape needed.
        expected: Vec<usize>,
        /// The shape found.
        found: Vec<usize>,
    },
    /// A tensor of a type that is not read.
    #[error("\"{name}\" is stored as {found}; only F32 and F16 are read")]
    Type {
        /// The tensor's name.
        name: String,
        /// The type found.
        found: String,
    },
    /// Infinity or not a number.
    #[error(
        "\"{name}\" holds a number that is not finite; the training diverged or the file is damaged"
    )]
    NotFinite {
        /// The tensor's name.
        name: String,
    },
    /// The store refused what all checks had passed, or could not write.
    #[error("the weights can't be read or written: {reason}")]
    Store {
        /// What the store says.
        reason: String,
    },
}
