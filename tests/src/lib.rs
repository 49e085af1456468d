//! Checks of the whole rather than of one crate.
//!
//! - `browser` (feature `e2e`): a real browser, driven from Rust, on the built page. Used by
//!   `tests/e2e`, by the timings (`src/bin/bench`) and by the pictures (`src/bin/shots.rs`).
//! - `golden_image` (feature `e2e`): pictures of the page beside those in `golden/`.
//! - `images`: bars to train on, and IDX files.
//! - `native_decode` (features `e2e` and `flex`): what the page should show.

#[cfg(all(feature = "e2e", not(target_arch = "wasm32")))]
pub mod browser;

#[cfg(all(feature = "e2e", not(target_arch = "wasm32")))]
pub mod golden_image;

#[cfg(all(feature = "e2e", feature = "flex", not(target_arch = "wasm32")))]
pub mod native_decode;

pub mod golden;
pub mod images;
