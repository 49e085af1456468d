//! Time, as a run spends it.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

use web_time::Instant;

/// Seconds that something took of late, and when it is due again.
#[derive(Debug)]
pub(super) struct Pulse {
    /// At least so many seconds between two.
    every: f64,
    last: Option<Instant>,
    cost: f64,
}

/// No more than this share of the time goes into one kind of report.
const SHARE: f64 = 0.1;

impl Pulse {
    /// Due at once, and then every so many seconds, or less often when it costs more than a tenth
    /// of the time.
    pub(super) fn every(seconds: f64) -> Self {
        Self {
            every: seconds,
            last: None,
            cost: 0.0,
        }
    }

    /// As [`every`](Self::every), with the first after that time.
    pub(super) fn after(seconds: f64) -> Self {
        Self {
            last: Some(Instant::now()),
            ..Self::every(seconds)
        }
    }

    /// Whether it is time again.
    pub(super) fn is_due(&self) -> bool {
        let pause = self.every.max(self.cost / SHARE);
        self.last
            .is_none_or(|last| last.elapsed().as_secs_f64() >= pause)
    }

    /// It has just been done, from `start` on.
    pub(super) fn done(&mut self, start: Instant) {
        self.cost = start.elapsed().as_secs_f64();
        self.last = Some(Instant::now());
    }
}

/// A clock that can be held.
#[derive(Debug)]
pub(super) struct Stopwatch {
    before: f64,
    since: Option<Instant>,
}

impl Stopwatch {
    /// A clock that stands at so many seconds.
    pub(super) fn reading(seconds: f64) -> Self {
        Self {
            before: seconds,
            since: None,
        }
    }

    /// Runs from now on.
    pub(super) fn go(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }

    /// Stands from now on.
    pub(super) fn hold(&mut self) {
        self.before = self.seconds();
        self.since = None;
    }

    /// Seconds that it has run.
    pub(super) fn seconds(&self) -> f64 {
        self.before
            + self
                .since
                .map_or(0.0, |since| since.elapsed().as_secs_f64())
    }
}
