//! The file worker: converts selected files to digits for training and to weights that the engine can load. It does
//! not contain burn and stays small; a file that crashes it crashes nothing else.
//!
//! [`FileReader`] implements its behaviour without web types. [`serve`] connects it to the worker's owner.

mod file_reader;
#[cfg(target_arch = "wasm32")]
pub mod serve;

pub use file_reader::{FileReader, MAX_SHEETS};
