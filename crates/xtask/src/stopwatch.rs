//! Elapsed time, formatted for display.

use std::fmt;

#[expect(
    clippy::disallowed_types,
    reason = "the ban is for code that also runs in the browser"
)]
type Instant = std::time::Instant;

/// Measures the time since its start; displays it.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Seconds since the start.
    pub(crate) fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

impl fmt::Display for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_seconds(self.seconds()))
    }
}

/// `4.2 s`; `3 min 07 s` if it is a minute or more.
pub(crate) fn format_seconds(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        let whole = seconds.round() as u64;
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::format_seconds;

    #[test]
    fn format_seconds_adds_minutes_from_sixty() {
        assert_eq!(format_seconds(4.23), "4.2 s");
        assert_eq!(format_seconds(187.0), "3 min 07 s");
    }
}
