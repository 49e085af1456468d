//! The steps of `cargo xtask test`, and the counts of their tests.

pub(crate) mod counts;
pub(crate) mod step;
pub(crate) mod stream;
