//! Time taken, for people to read.

use std::fmt;

#[expect(
    clippy::disallowed_types,
    reason = "the ban is for code that also runs in the browser"
)]
type Instant = std::time::Instant;

/// Prints as the time since it was started.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Seconds so far.
    pub(crate) fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

impl fmt::Display for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&readable(self.seconds()))
    }
}

/// `4.2 s`, or from a minute on `3 min 07 s`.
pub(crate) fn readable(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        let whole = seconds.round() as u64;
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn minutes_from_sixty_seconds() {
        assert_eq!(readable(4.23), "4.2 s");
        assert_eq!(readable(187.0), "3 min 07 s");
    }
}
