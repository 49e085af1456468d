//! The commands of `cargo xtask`, one per module.

pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod fuzz;
pub(crate) mod later_programs;
pub(crate) mod post_build;
pub(crate) mod pre_build;
pub(crate) mod serve;
pub(crate) mod setup;
pub(crate) mod test;
pub(crate) mod wasm_tests;
