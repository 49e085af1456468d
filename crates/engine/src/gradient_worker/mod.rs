//! A second worker for a training run on a CPU backend. Half of each batch goes to it, with the weights at which the
//! gradients are to be taken, and the gradients come back. It keeps no state, so that losing it costs nothing.
//!
//! The training worker starts it with its own bundle. Messages are arrays of `Float32Array`s whose buffers are
//! transferred: a header and the numbers of a [`BatchShard`](vae::train::BatchShard) one way, those of
//! [`ShardGradients`](vae::train::ShardGradients) back. Its first message, a null, means that it is ready.

mod owner;
mod serve;

pub use owner::GradientClient;
pub use serve::serve;
