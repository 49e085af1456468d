//! How a training run ended, and how much of it was made. Pure.

use client::run_supervisor::RunStatus;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunEnd {
    /// It reached its limit of time or steps.
    Complete,
    /// The user stopped it.
    Stopped,
    /// Its held-out loss no longer improved.
    NoImprovement,
    /// It could not continue.
    Failed,
}

impl RunEnd {
    /// The end of a run of this status, of which this fraction was made; `stopped` if the user ended it. None while
    /// the run is in progress.
    pub(crate) fn new(status: RunStatus, fraction: f64, stopped: bool) -> Option<Self> {
        match status {
            RunStatus::Idle | RunStatus::Running | RunStatus::Paused => None,
            RunStatus::Failed => Some(Self::Failed),
            // A run that the user stops at its very end is complete.
            RunStatus::Done if fraction >= 1.0 => Some(Self::Complete),
            RunStatus::Done if stopped => Some(Self::Stopped),
            // Only the third condition that ends a run is left.
            RunStatus::Done => Some(Self::NoImprovement),
        }
    }
}

/// The state of the run in one word. Only a complete run is done.
pub(crate) fn status_word(status: RunStatus, end: Option<RunEnd>) -> &'static str {
    match end {
        Some(RunEnd::Stopped) => "stopped",
        Some(RunEnd::NoImprovement) => "ended",
        Some(RunEnd::Complete | RunEnd::Failed) | None => status.name(),
    }
}

/// How much of the run was made, in words. A run without a limit has the fraction 0.
pub(crate) fn progress_text(status: RunStatus, fraction: f64, end: Option<RunEnd>) -> String {
    let share = share(fraction);
    let at = share
        .as_ref()
        .map(|share| format!(" at {share}"))
        .unwrap_or_default();
    match (status, end) {
        (_, Some(RunEnd::Complete)) => "100 % done".to_owned(),
        (_, Some(RunEnd::Stopped)) => format!("stopped{at}"),
        (_, Some(RunEnd::NoImprovement)) => {
            format!("ended{at}: the held-out loss no longer improved")
        }
        (_, Some(RunEnd::Failed)) => format!("failed{at}"),
        (RunStatus::Paused, None) => format!("paused{at}"),
        (_, None) => share
            .map(|share| format!("{share} done"))
            .unwrap_or_default(),
    }
}

/// The fraction in per cent; 100 % only if it is complete.
fn share(fraction: f64) -> Option<String> {
    match fraction {
        fraction if fraction >= 1.0 => Some("100 %".to_owned()),
        fraction if fraction >= 0.01 => Some(format!("{:.0} %", (fraction * 100.0).floor())),
        fraction if fraction > 0.0 => Some("under 1 %".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_end_is_complete_only_at_a_limit() {
        let end = |fraction, stopped| RunEnd::new(RunStatus::Done, fraction, stopped);
        assert_eq!(end(1.0, false), Some(RunEnd::Complete));
        assert_eq!(end(1.0, true), Some(RunEnd::Complete));
        assert_eq!(end(0.23, true), Some(RunEnd::Stopped));
        assert_eq!(end(0.0, true), Some(RunEnd::Stopped));
        assert_eq!(end(0.4, false), Some(RunEnd::NoImprovement));
        for status in [RunStatus::Idle, RunStatus::Running, RunStatus::Paused] {
            assert_eq!(RunEnd::new(status, 1.0, true), None);
        }
        assert_eq!(
            RunEnd::new(RunStatus::Failed, 1.0, false),
            Some(RunEnd::Failed)
        );
    }

    #[test]
    fn status_word_is_done_only_for_a_complete_run() {
        let word =
            |status, fraction, stopped| status_word(status, RunEnd::new(status, fraction, stopped));
        assert_eq!(word(RunStatus::Running, 0.23, false), "running");
        assert_eq!(word(RunStatus::Paused, 0.23, false), "paused");
        assert_eq!(word(RunStatus::Done, 0.23, true), "stopped");
        assert_eq!(word(RunStatus::Done, 0.4, false), "ended");
        assert_eq!(word(RunStatus::Done, 1.0, true), "done");
        assert_eq!(word(RunStatus::Failed, 0.23, false), "failed");
    }

    #[test]
    fn progress_text_never_says_that_an_incomplete_run_is_done() {
        let text = |status, fraction, stopped| {
            progress_text(status, fraction, RunEnd::new(status, fraction, stopped))
        };
        assert_eq!(text(RunStatus::Running, 0.239, false), "23 % done");
        assert_eq!(text(RunStatus::Running, 0.0, false), "");
        assert_eq!(text(RunStatus::Paused, 0.239, false), "paused at 23 %");
        assert_eq!(text(RunStatus::Done, 0.239, true), "stopped at 23 %");
        assert_eq!(text(RunStatus::Done, 0.997, true), "stopped at 99 %");
        assert_eq!(text(RunStatus::Done, 0.001, true), "stopped at under 1 %");
        assert_eq!(text(RunStatus::Done, 0.0, true), "stopped");
        assert_eq!(text(RunStatus::Done, 1.0, false), "100 % done");
        assert_eq!(text(RunStatus::Failed, 0.239, false), "failed at 23 %");
        assert!(text(RunStatus::Done, 0.239, false).starts_with("ended at 23 %: the held-out"));
    }
}
