//! A second worker for a training run on a CPU backend. It receives half of each batch with the current weights and
//! returns the gradients. It is stateless, so a run continues without it.
//!
//! The training worker starts it with its own bundle. Messages are arrays of `Float32Array`s whose buffers are
//! transferred: a header and the numbers of a [`BatchShard`](vae::train::BatchShard) to it, those of
//! [`ShardGradients`](vae::train::ShardGradients) back. Its first message, `null`, means that it is ready.

mod owner;
mod serve;

pub use owner::GradientClient;
pub use serve::serve;
