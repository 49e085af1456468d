//! Data parallelism: a second thread of execution that computes the gradients of a part of each batch.

use super::{BatchShard, ShardGradients};
use std::pin::Pin;

/// Computes the gradients of a shard of each batch while the caller computes those of the rest.
///
/// A run's numbers do not depend on the worker: a shard whose worker is lost is computed by the caller, with the same
/// result.
pub trait GradientWorker {
    /// Of a batch of `n` images, the number that the caller computes, at least one: half, unless the worker takes more.
    fn local_images(&self, n: usize) -> usize {
        n.div_ceil(2)
    }

    /// Starts computing a shard.
    fn begin(&mut self, shard: &BatchShard<'_>);

    /// Waits for the gradients of the shard that was started last; `None` if the worker cannot provide them.
    fn finish(&mut self) -> Pin<Box<dyn Future<Output = Option<ShardGradients>> + '_>>;
}
