//! Two workers for one training run, where numbers lie in a program's own memory: half of each batch goes to a
//! helper, with the weights at which its gradients are to be taken, and the gradients come back. A helper keeps
//! nothing, so one that is lost costs nothing.
//!
//! It is a worker that the training one starts, with the same bundle. Messages are arrays of `Float32Array`, whose
//! memory changes hands: a header and a [`BatchShard`](vae::train::BatchShard)'s numbers there, those of
//! [`ShardGradients`](vae::train::ShardGradients) back. Its first message, a null, says that it is ready.

mod assistant;
mod numbers;
mod serve;

pub use assistant::Assistant;
pub use serve::serve;
