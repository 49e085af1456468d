//! The parts of `cargo xtask test`: its steps, and the counting of their tests.

pub(crate) mod step;
pub(crate) mod stream;
pub(crate) mod tally;
