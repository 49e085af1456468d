//! Intervals and a stopwatch.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

use web_time::Instant;

/// The largest share of the time that is spent on one kind of report.
const MAX_SHARE: f64 = 0.1;

/// Decides when a recurring task is due.
#[derive(Debug)]
pub(super) struct Interval {
    /// The shortest time between two runs of the task, in seconds.
    seconds: f64,
    /// The longest time, however long the task takes.
    longest: f64,
    last: Option<Instant>,
    /// Duration of the last run, in seconds.
    cost: f64,
}

impl Interval {
    /// Due at once and then at this interval in seconds, or at a longer one when the task would take more than a
    /// tenth of the time.
    pub(super) fn every(seconds: f64) -> Self {
        Self {
            seconds,
            longest: f64::INFINITY,
            last: None,
            cost: 0.0,
        }
    }

    /// As [`every`](Self::every), but first due after one interval.
    pub(super) fn starting_after(seconds: f64) -> Self {
        Self {
            last: Some(Instant::now()),
            ..Self::every(seconds)
        }
    }

    /// The same, due after this time in seconds at the latest.
    pub(super) fn at_most(self, longest: f64) -> Self {
        Self { longest, ..self }
    }

    /// Whether the task is due.
    pub(super) fn is_due(&self) -> bool {
        let pause = self.pause();
        self.last
            .is_none_or(|last| last.elapsed().as_secs_f64() >= pause)
    }

    /// The time from one run of the task to the next, in seconds.
    fn pause(&self) -> f64 {
        self.seconds.max(self.cost / MAX_SHARE).min(self.longest)
    }

    /// Records a run of the task from `start` until now.
    pub(super) fn completed(&mut self, start: Instant) {
        self.cost = start.elapsed().as_secs_f64();
        self.last = Some(Instant::now());
    }
}

/// Measures time, with pauses.
#[derive(Debug)]
pub(super) struct Stopwatch {
    before: f64,
    since: Option<Instant>,
}

impl Stopwatch {
    /// A paused stopwatch that reads this many seconds.
    pub(super) fn reading(seconds: f64) -> Self {
        Self {
            before: seconds,
            since: None,
        }
    }

    /// Starts or continues.
    pub(super) fn start(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// Pauses.
    pub(super) fn pause(&mut self) {
        self.before = self.seconds();
        self.since = None;
    }

    /// The seconds for which it ran.
    pub(super) fn seconds(&self) -> f64 {
        self.before
            + self
                .since
                .map_or(0.0, |since| since.elapsed().as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_is_longer_for_a_task_that_takes_long_up_to_its_limit() {
        let task = |cost| Interval {
            cost,
            ..Interval::every(5.0).at_most(7.0)
        };
        for (cost, pause) in [(0.1, 5.0), (0.6, 6.0), (3.0, 7.0)] {
            let found = task(cost).pause();
            assert!((found - pause).abs() < 1e-9, "{cost} s: {found} s");
        }
    }
}
