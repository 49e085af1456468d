//! The file worker: converts selected files to digits for training and to weights that the engine can load. It does
//! not contain burn and stays small; a file that crashes it crashes nothing else.
//!
//! [`FileReader`] implements its behaviour without web types. [`serve`] connects it to the worker's owner.

#[cfg(target_arch = "wasm32")]
mod blob;
#[cfg(target_arch = "wasm32")]
mod browser_decoder;
mod file_reader;
mod response;
#[cfg(target_arch = "wasm32")]
pub mod serve;

pub use file_reader::{FileReader, MAX_SHEETS, Outcome, Undecoded};
