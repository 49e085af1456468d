//! Tests of several crates together, and their shared tools.
//!
//! - `browser` (feature `e2e`): drives a real browser with the built page. Used by `tests/e2e`, by the
//!   benchmark (`src/bin/bench`) and by the screenshot tool (`src/bin/shots.rs`).
//! - `golden`: numerical golden cases from PyTorch, run on any backend.
//! - `golden_image` (feature `e2e`): compares images of the page with the reference images in `golden/`.
//! - `images`: synthetic training images and IDX files.
//! - `native_decode` (features `e2e` and `flex`): computes natively what the page should show.

#[cfg(all(feature = "e2e", not(target_arch = "wasm32")))]
pub mod browser;

#[cfg(all(feature = "e2e", not(target_arch = "wasm32")))]
pub mod golden_image;

#[cfg(all(feature = "e2e", feature = "flex", not(target_arch = "wasm32")))]
pub mod native_decode;

pub mod golden;
pub mod images;
