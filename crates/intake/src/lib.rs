//! The file worker: files that people select, to digits that a model can be trained on and to
//! weights that it can load. It does not contain burn and stays small; a file that crashes it crashes
//! nothing else.
//!
//! [`FileReader`] is the whole of its behaviour and knows nothing of the web. [`serve`] connects it to the worker's
//! owner.

mod file_reader;
#[cfg(target_arch = "wasm32")]
pub mod serve;

pub use file_reader::{FileReader, MAX_SHEETS};
