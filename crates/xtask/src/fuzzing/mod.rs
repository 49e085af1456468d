//! Fuzzing with libFuzzer: the targets of `tests/fuzz`, their programs, and the runs of these.

mod programs;
mod run;
mod table;

pub(crate) use programs::Programs;
pub(crate) use run::{Limits, run};
pub(crate) use table::table;
