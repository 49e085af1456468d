//! Limits.

/// The largest file that is read.
pub const MAX_BYTES: usize = 100_000_000;
