//! Checks of the whole rather than of one crate.
//!
//! - `browser` (feature `e2e`): a real browser, driven from Rust, on the built page. Used by
//!   `tests/e2e`, by the timings (`src/bin/bench`) and by the pictures (`src/bin/shots.rs`).

#[cfg(all(feature = "e2e", not(target_arch = "wasm32")))]
pub mod browser;

pub mod golden;
