//! Training runs in the worker: making steps, reporting, and following the user's controls.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

mod clock;
mod data;
mod report;
mod run;
mod schedule;
mod statistics;
#[cfg(test)]
mod tests;
mod warm_up;

pub(crate) use data::Images;
pub(crate) use report::model_info;
pub(crate) use run::{ControlledRun, StartTraining, start};
pub use warm_up::warm_up;
pub(crate) use warm_up::{WarmUp, warm_up_boxed};
