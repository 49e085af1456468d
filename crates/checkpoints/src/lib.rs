//! From a PyTorch checkpoint, as `torch.save(model.state_dict(), "vae.pt")` writes it, to named
//! tensors.
//!
//! A checkpoint is a ZIP archive with a pickle and the bytes of the tensors. A pickle is a program;
//! this crate reads the few instructions that state dicts are made of and runs nothing: whatever
//! else the pickle names is left as an opaque value.
//!
//! No burn, no web, no files: bytes in, tensors out. burn's own reader wants a file.

mod checkpoint;
mod pickle;

pub use checkpoint::{CheckpointError, MAX_BYTES, Tensor, read, to_safetensors};
