//! The targets, by what they read.

pub mod archives;
pub mod arrays;
pub mod checkpoints;
pub mod decoder;
#[cfg(feature = "models")]
pub mod engine;
mod image_files;
pub mod messages;
pub mod onnx;
#[cfg(feature = "page")]
pub mod page;
pub mod pictures;
pub mod recognition;
#[cfg(feature = "models")]
pub mod weights;
