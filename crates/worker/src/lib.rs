//! Dedicated workers: starting one, serving in one, and passing messages between the two as serde types.
//!
//! This is the only place that calls `postMessage`. The page starts its workers with [`spawn`], an engine starts
//! its gradient worker with [`RawWorker`], and workers serve with [`scope`]. Byte arrays in messages
//! are transferred, not copied ([`transfer`]).
//!
//! Code that owns a worker does so through [`Port`], so that tests can run it natively with a `FakeWorker`.

mod bytes;
#[cfg(not(target_arch = "wasm32"))]
mod fake;
mod port;
#[cfg(target_arch = "wasm32")]
mod web;

pub use bytes::Bytes;
#[cfg(not(target_arch = "wasm32"))]
pub use fake::FakeWorker;
pub use port::{Attachment, OnMessage, Port};
#[cfg(not(target_arch = "wasm32"))]
pub use port::{adopt, spawn, spawn_with_bytes};
#[cfg(target_arch = "wasm32")]
pub use web::{
    raw_worker::RawWorker,
    scope,
    spawn::{adopt, spawn, spawn_with_bytes},
    transfer,
};
