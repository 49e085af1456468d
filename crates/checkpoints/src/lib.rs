//! Reads PyTorch checkpoints, as `torch.save(model.state_dict(), "vae.pt")` writes them, into named
//! tensors.
//!
//! A checkpoint is a ZIP archive with a pickle and the bytes of the tensors. A pickle is a program; this
//! crate interprets the few instructions that state dicts consist of and calls nothing. Any other object
//! in the pickle becomes an opaque value.
//!
//! Depends on neither burn nor the web and opens no files: bytes in, tensors out. (burn's own reader
//! needs a file.)

mod checkpoint;
mod pickle;

pub use checkpoint::{CheckpointError, MAX_BYTES, Tensor, read, to_safetensors};
