//! Limits on what is in a file.

/// Maximum number of tensors of a file, copies included. Copies are compared with each other.
pub(crate) const MAX_TENSORS: usize = 8_192;
