//! The worker: it owns a backend and a model, and answers the page's requests.
//!
//! [`Session`] is the whole of its behaviour and knows nothing of the web, so that tests run it
//! natively. [`worker`] connects it to `postMessage`. Each backend has a binary of its own, the
//! bundle that the page loads.

mod device;
mod evidence;
mod grey;
#[cfg(target_arch = "wasm32")]
pub mod helper;
mod import;
mod refusal;
mod session;
mod training;
#[cfg(target_arch = "wasm32")]
pub mod worker;

pub use device::{DeviceError, Opened, open};
pub use session::{MAX_BATCH, Session};
pub use training::warm_up;
