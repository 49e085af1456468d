//! A decoder alone, with weights in few bits: draws the first image before an engine has arrived.
//!
//! A decoder file ([`DecoderFile`]) has the decoder of one included model, a fully connected network without labels.
//! [`Decoder`] decodes with it on the CPU by the crate `kernels`, without burn, so that the bundle is small. Its grey values
//! differ from those of the full model by at most 2 of 255; the engine replaces it once it has arrived.

mod decoder;
mod file;
mod layer;
mod reader;

pub use decoder::{Decoder, grey};
pub use file::{DecoderFile, FileError};
pub use layer::IntegerLayer;
