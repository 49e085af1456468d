//! The bundle of the decoder worker: the crate `decoder` for JavaScript (`www/decoder-worker.js`).

#[cfg(target_arch = "wasm32")]
mod bindings;

fn main() {}
