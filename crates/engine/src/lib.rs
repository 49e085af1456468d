//! The engine worker: a backend, a model, and the responses to requests.
//!
//! [`Session`] implements its behaviour without web types, so that tests run it
//! natively. [`serve`] connects it to the worker's owner. Each backend has a binary of its own, the
//! bundle that the page loads.

mod chunk;
mod device;
mod evidence;
#[cfg(target_arch = "wasm32")]
pub mod gradient_worker;
mod grey;
mod import;
mod latent_vectors;
mod response_future;
#[cfg(target_arch = "wasm32")]
pub mod serve;
mod session;
#[cfg(target_arch = "wasm32")]
mod shard_message;
mod training;

pub use chunk::load_ahead;
pub use device::{DeviceError, OpenDevice, open};
pub use session::{MAX_BATCH, Session};
pub use training::warm_up;
