//! Counts tests from the summary lines of Rust's test harness.

use std::fmt;
use std::ops::AddAssign;

/// Numbers of tests by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TestCounts {
    /// Ran and passed.
    pub(crate) passed: u64,
    /// Ran and failed.
    pub(crate) failed: u64,
    /// Were ignored, so did not run.
    pub(crate) skipped: u64,
}

impl TestCounts {
    /// The number of tests that ran.
    pub(crate) fn ran(self) -> u64 {
        self.passed + self.failed
    }

    /// Adds the counts in `line`, if it is a summary such as
    /// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; …`.
    pub(crate) fn read(&mut self, line: &str) {
        if let Some(counts) = summary(&without_colours(line)) {
            *self += counts;
        }
    }
}

impl AddAssign for TestCounts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for TestCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

fn summary(line: &str) -> Option<TestCounts> {
    let (_, counts) = line
        .trim()
        .strip_prefix("test result: ")?
        .split_once(". ")?;
    let mut result = TestCounts::default();
    for part in counts.split("; ") {
        let (count, name) = part.split_once(' ')?;
        let field = match name {
            "passed" => &mut result.passed,
            "failed" => &mut result.failed,
            "ignored" => &mut result.skipped,
            _ => continue,
        };
        *field = count.parse().ok()?;
    }
    Some(result)
}

/// Removes colour codes: `ESC [ … m`.
fn without_colours(line: &str) -> String {
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

    fn read(line: &str) -> TestCounts {
        let mut counts = TestCounts::default();
        counts.read(line);
        counts
    }

    #[test]
    fn read_counts_a_success() {
        let line = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.10s";
        assert_eq!(
            read(line),
            TestCounts {
                passed: 12,
                failed: 0,
                skipped: 1
            }
        );
    }

    #[test]
    fn read_counts_a_coloured_failure() {
        let line = "test result: \u{1b}[31mFAILED\u{1b}(B\u{1b}[m. 2 passed; 1 failed; 0 ignored";
        let line = line.replace("\u{1b}(B", "");
        assert_eq!(
            read(&line),
            TestCounts {
                passed: 2,
                failed: 1,
                skipped: 0
            }
        );
    }

    #[test]
    fn read_ignores_other_lines() {
        assert_eq!(read("test golden::flex ... ok"), TestCounts::default());
        assert_eq!(read("running 12 tests"), TestCounts::default());
        assert_eq!(
            read("it printed test result: ok. 3 passed"),
            TestCounts::default()
        );
    }

    #[test]
    fn display_is_the_last_line_of_xtask_test() {
        let mut sum = read("test result: ok. 1 passed; 0 failed; 0 ignored");
        sum += read("test result: FAILED. 1 passed; 2 failed; 3 ignored");
        assert_eq!(sum.to_string(), "2 passed, 2 failed, 3 skipped");
        assert_eq!(sum.ran(), 4);
    }
}
