//! The intake worker: bytes that people bring, to digits that a model can be trained on and to
//! weights that it can load. It holds no burn and stays small; a file that brings it down brings
//! down nothing else.
//!
//! [`Desk`] is the whole of its behaviour and knows nothing of the web. [`worker`] connects it to
//! `postMessage`.

mod desk;
#[cfg(target_arch = "wasm32")]
pub mod worker;

pub use desk::{Desk, MAX_SHEETS};
