//! Counts tests by the summary lines that Rust's test harness prints.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Ran and held.
    pub(crate) passed: u64,
    /// Ran and did not hold.
    pub(crate) failed: u64,
    /// Did not run.
    pub(crate) skipped: u64,
}

impl Tally {
    /// How many ran.
    pub(crate) fn ran(self) -> u64 {
        self.passed + self.failed
    }

    /// Adds what `line` says, if it is a summary such as
    /// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; …`.
    pub(crate) fn read(&mut self, line: &str) {
        if let Some(tally) = summary(&plain(line)) {
            *self += tally;
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

fn summary(line: &str) -> Option<Tally> {
    let (_, counts) = line
        .trim()
        .strip_prefix("test result: ")?
        .split_once(". ")?;
    let mut tally = Tally::default();
    for part in counts.split("; ") {
        let (count, what) = part.split_once(' ')?;
        let field = match what {
            "passed" => &mut tally.passed,
            "failed" => &mut tally.failed,
            "ignored" => &mut tally.skipped,
            _ => continue,
        };
        *field = count.parse().ok()?;
    }
    Some(tally)
}

/// Without the colours: `ESC [ … m`.
fn plain(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Tally {
        let mut tally = Tally::default();
        tally.read(line);
        tally
    }

    #[test]
    fn reads_a_success() {
        let line = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.10s";
        assert_eq!(
            read(line),
            Tally {
                passed: 12,
                failed: 0,
                skipped: 1
            }
        );
    }

    #[test]
    fn reads_a_failure_in_colour() {
        let line = "test result: \u{1b}[31mFAILED\u{1b}(B\u{1b}[m. 2 passed; 1 failed; 0 ignored";
        let line = line.replace("\u{1b}(B", "");
        assert_eq!(
            read(&line),
            Tally {
                passed: 2,
                failed: 1,
                skipped: 0
            }
        );
    }

    #[test]
    fn takes_nothing_else_for_a_summary() {
        assert_eq!(read("test golden::flex ... ok"), Tally::default());
        assert_eq!(read("running 12 tests"), Tally::default());
        assert_eq!(
            read("it printed test result: ok. 3 passed"),
            Tally::default()
        );
    }

    #[test]
    fn prints_what_the_last_line_must_be() {
        let mut sum = read("test result: ok. 1 passed; 0 failed; 0 ignored");
        sum += read("test result: FAILED. 1 passed; 2 failed; 3 ignored");
        assert_eq!(sum.to_string(), "2 passed, 2 failed, 3 skipped");
        assert_eq!(sum.ran(), 4);
    }
}
