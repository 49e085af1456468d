//! Fuzz targets: one for each part of the program that reads what others wrote.
//!
//! A [`Target`] passes arbitrary bytes to a reader's public functions, as the program itself would. Whatever the bytes are,
//! the reader must return: without a panic, within the target's limit on memory, and within a limit on time.
//! [`check()`] runs a target and enforces all three. Two programs share it: the replay, an ordinary test on the stable
//! toolchain (`tests/replay.rs`), and libFuzzer's binaries (`libfuzzer/`).

mod check;
pub mod libfuzzer;
mod mutation;
pub mod readers;
mod seeds;
mod target;
mod targets;

pub use check::{Measured, check};
pub use mutation::Mutator;
pub use target::Target;
pub use targets::TARGETS;
