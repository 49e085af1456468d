//! The gradients of a shard of a batch, from and to messages.

use js_sys::Array;
use vae::train::{BatchShard, ShardError};
use worker::transfer;

/// The type of [`compute`].
pub(crate) type ComputeGradients = fn(&Array, &Array, &Array) -> Result<(), ShardError>;

/// Computes the gradients of a message's shard, and writes them to `response`, whose buffers it adds to `buffers`.
///
/// # Errors
/// When the message is not a shard.
pub(crate) fn compute(
    message: &Array,
    response: &Array,
    buffers: &Array,
) -> Result<(), ShardError> {
    let mut parts = message.iter();
    let header = parts.next().and_then(|header| header.as_string());
    let arrays = transfer::float_arrays(parts);
    let numbers = transfer::to_floats(&arrays);
    let shard = BatchShard::from_parts(&header.unwrap_or_default(), &numbers)?;
    transfer::push_floats(shard.gradients().arrays(), &arrays, response, buffers);
    Ok(())
}
