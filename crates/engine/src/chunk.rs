//! Chunks: parts of an engine that are fetched when they are needed, because the first image does not need them.
//!
//! `cargo xtask` splits the linked module: what only a chunk's function reaches becomes a module of its own
//! (`crates/xtask/src/build/chunks/`). In other builds (`cargo build`, `trunk build`, native tests) the engine is one
//! module, and chunks are always there.

#[cfg(target_arch = "wasm32")]
use crate::shard_message::{self, ComputeGradients};
use crate::{
    evidence::{self, Solve},
    import::{self, Import},
    training::{self, StartTraining, WarmUp},
};
use protocol::RequestError;
use vae::graph::Interpreter;

/// A chunk could not be fetched.
#[derive(Debug)]
pub(crate) struct ChunkError;

#[cfg(chunks)]
impl From<wasm_split_helpers::SplitLoaderError> for ChunkError {
    /// The loader has written the reason to the console.
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        Self
    }
}

impl From<ChunkError> for RequestError {
    fn from(_: ChunkError) -> Self {
        Self::bad_request(
            "a part of the program could not be loaded. Check the connection and try again. If that does not help, \
             reload the page: there may be a newer version",
        )
    }
}

/// Defines a function with this name that returns a function of this chunk. It fetches the chunk first, unless it is there
/// already; if that fails, the next call tries again.
macro_rules! chunk {
    ($(#[$doc:meta])* $chunk:ident, $name:ident, $type:ty, $function:path) => {
        #[cfg(chunks)]
        $(#[$doc])*
        #[wasm_split_helpers::wasm_split($chunk, fallible)]
        pub(crate) fn $name() -> Result<$type, ChunkError> {
            Ok($function)
        }

        #[cfg(not(chunks))]
        $(#[$doc])*
        #[allow(clippy::unused_async, reason = "other builds have to wait")]
        pub(crate) async fn $name() -> Result<$type, ChunkError> {
            Ok($function)
        }
    };
}

chunk! {
    /// Recognizes the state dicts of other programs.
    import, import, Import, import::import
}
chunk! {
    /// Evaluates queries about log p(x).
    evidence, evidence, Solve, evidence::solve
}
chunk! {
    /// Interprets the graphs of imported models.
    graphs, graphs, Interpreter, vae::graph::interpret
}

chunk! {
    /// Starts training runs.
    training, start_training, StartTraining, training::start
}
chunk! {
    /// Makes training steps whose result is discarded.
    training, warm_up, WarmUp, training::warm_up_boxed
}
#[cfg(target_arch = "wasm32")]
chunk! {
    /// Computes the gradients of a gradient worker.
    training, shard_gradients, ComputeGradients, shard_message::compute
}

/// Fetches all chunks before anything needs them. If that fails, it is tried again when they are needed.
pub async fn load_ahead() {
    let errors = [
        start_training().await.err(),
        evidence().await.err(),
        import().await.err(),
    ];
    for error in errors.into_iter().flatten() {
        log::warn!("{}", RequestError::from(error).message);
    }
}
