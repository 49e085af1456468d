//! Why no model can be made of a state dict.

use thiserror::Error;

/// The largest number of layers with weights that are searched.
pub(crate) const MAX_LAYERS: usize = 64;

/// Why no model can be made of a state dict.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecognitionError {
    /// A tensor of a kind of layer that is not supported.
    #[error("\"{name}\" with the shape {shape:?} is {kind}, which is not supported")]
    Unsupported {
        /// The name.
        name: String,
        /// The shape.
        shape: Vec<usize>,
        /// The kind of layer.
        kind: &'static str,
    },
    /// Too many layers.
    #[error("there are {0} layers with weights; at most {MAX_LAYERS} are supported")]
    TooMany(usize),
    /// The layers do not form an encoder and a decoder.
    #[error(
        "the layers ({layers}) form neither a chain image → hidden layers → μ and a second head, z → hidden layers → image, nor a decoder z → hidden layers → image"
    )]
    NoChain {
        /// The layers with their sizes.
        layers: String,
    },
    /// No strides and paddings lead from one feature map to the next.
    #[error(
        "no usual strides and paddings lead through the convolutions ({layers}) to an image of 8×8 to 64×64 pixels"
    )]
    NoGeometry {
        /// The layers with their sizes.
        layers: String,
    },
    /// The image has a shape that can't be shown.
    #[error(
        "the model's images have {0} values, which is neither a grey nor a colour image with sides from 4 to 64 pixels"
    )]
    NoShape(usize),
    /// The layers do not fit in the given order.
    #[error("the layers do not fit in this order: {0}")]
    Order(String),
    /// A head that is a convolution of a large map.
    #[error("a head is a convolution whose linear layer would have {0} values, which is too many")]
    LargeHead(usize),
    /// An answer that is not one of the choices.
    #[error("\"{answer}\" is no answer to the question \"{question}\"")]
    Answer {
        /// The question.
        question: &'static str,
        /// The answer.
        answer: String,
    },
    /// A value is infinite or not a number.
    #[error(
        "\"{0}\" contains a value that is not finite; the training diverged or the file is damaged"
    )]
    NotFinite(String),
}
