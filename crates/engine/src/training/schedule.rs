//! When each kind of report is due.

use super::clock::Interval;

/// Seconds between two checkpoints.
const CHECKPOINT: f64 = 5.0;
/// The same where a checkpoint takes long: whatever dies, a run loses at most ten seconds, and a checkpoint must be made and
/// stored within them.
const LATEST_CHECKPOINT: f64 = 7.0;

/// The intervals at which a run reports.
#[derive(Debug)]
pub(super) struct ReportSchedule {
    /// Losses and speed.
    pub(super) progress: Interval,
    /// An evaluation on the held-out images.
    pub(super) held_out: Interval,
    /// Images of the run.
    pub(super) snapshot: Interval,
    /// The averaged weights.
    pub(super) model: Interval,
    /// A checkpoint.
    pub(super) checkpoint: Interval,
}

impl ReportSchedule {
    /// The schedule of a run that starts now.
    pub(super) fn new() -> Self {
        Self {
            progress: Interval::every(0.15),
            held_out: Interval::every(1.0),
            snapshot: Interval::every(0.5),
            model: Interval::starting_after(0.5),
            checkpoint: Interval::starting_after(CHECKPOINT).at_most(LATEST_CHECKPOINT),
        }
    }
}
