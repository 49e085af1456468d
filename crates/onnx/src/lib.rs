//! Reads the decoder, and the encoder if there is one, of a VAE from an ONNX file.
//!
//! [`convert()`] reads a file in three steps: `read` checks its messages and limits, `parts` finds decoder and encoder
//! among its inputs, outputs and values, and `lower` makes a [`spec::Graph`] of each: operators become a few operations,
//! and what depends on shapes and weights alone is computed. The result is a safetensors file with the graphs in its
//! metadata. [`OnnxModel`] reads that, asks what a graph does not tell, and makes a model, given answers.
//!
//! [`export`] writes a model of any architecture as ONNX, by the same graphs.
//!
//! Depends on neither burn nor the web: bytes in, an architecture with its parameters out.

mod compose;
mod convert;
mod error;
mod host;
mod limits;
mod lower;
mod message;
mod model;
mod parts;
mod read;
mod write;

pub use convert::{convert, convert_pair, is_onnx};
pub use error::{EXPORT_LINE, OnnxError};
pub use limits::MAX_BYTES;
pub use model::OnnxModel;
pub use write::{Exported, export};
