//! What the client publishes about its run.

use super::run::{Checkpoint, RunInfo};
use crate::run_supervisor::RunStatus;
use protocol::{Backend, TrainedModel, TrainingProgress, TrainingSnapshot};
use std::sync::Arc;

/// What a run waits for before its first step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitingFor {
    /// The initial weights are being fetched.
    Model,
    /// A worker on this backend is starting.
    Worker(Backend),
}

/// A change of the run.
#[derive(Debug, Clone, PartialEq)]
pub enum RunChange {
    /// Its status.
    Status(RunStatus),
    /// What it waits for.
    WaitingFor(Option<WaitingFor>),
    /// A worker has started it.
    Info(RunInfo),
    /// It reports numbers.
    Progress(TrainingProgress),
    /// It reports images.
    Snapshot(TrainingSnapshot),
    /// It reports its newest model.
    Model {
        /// The model.
        model: TrainedModel,
        /// Whether it is the run's first.
        is_first: bool,
        /// Whether the run has ended, so that this is its best model.
        is_final: bool,
    },
    /// It has a new checkpoint.
    Checkpoint(Arc<Checkpoint>),
    /// Its loss diverged; it would resume with this learning rate.
    Diverged(String, f64),
    /// It failed, for this reason.
    Failed(String),
    /// A message that is not an error.
    Notice(String),
}
