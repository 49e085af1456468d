//! When each kind of report is due.

use super::clock::Interval;

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
            checkpoint: Interval::starting_after(5.0),
        }
    }
}
