//! One step of `cargo xtask test`, and its outcome.

use std::fmt;

use clap::ValueEnum;

use super::counts::TestCounts;

/// The steps, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Step {
    /// Formatting
    Fmt,
    /// Lints, natively and for wasm
    Clippy,
    /// Unit tests, and the golden cases natively on each backend
    Native,
    /// The golden cases in Chromium on burn's flex backend
    GoldenFlex,
    /// The golden cases in Chromium on burn's ndarray backend
    GoldenNdarray,
    /// The golden cases in Chromium on burn's WebGPU backend
    GoldenWebgpu,
    /// The page, built by trunk
    Build,
    /// The whole page, controlled in Chromium
    E2e,
    /// One short run of the comparison with other libraries, to test that it works
    Bench,
}

impl Step {
    /// The backend of a golden step, which is also a feature's name.
    pub(crate) fn backend(self) -> Option<&'static str> {
        match self {
            Self::GoldenFlex => Some("flex"),
            Self::GoldenNdarray => Some("ndarray"),
            Self::GoldenWebgpu => Some("webgpu"),
            _ => None,
        }
    }

    /// Whether the step consists of tests, so that running none is a failure.
    pub(crate) fn has_tests(self) -> bool {
        !matches!(self, Self::Fmt | Self::Clippy | Self::Build | Self::Bench)
    }

    /// One line about the step.
    pub(crate) fn about(self) -> String {
        self.to_possible_value()
            .and_then(|value| value.get_help().map(ToString::to_string))
            .unwrap_or_default()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.pad(value.as_ref().map_or("", |value| value.get_name()))
    }
}

/// The result of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything passed.
    Passed(TestCounts),
    /// Something failed; the text says what, in one line.
    Failed(TestCounts, String),
    /// The step could not start; the text says why.
    Skipped(String),
}

impl Outcome {
    /// The outcome of a program that ran to its end.
    pub(crate) fn of(
        step: Step,
        success: bool,
        status: impl fmt::Display,
        counts: TestCounts,
    ) -> Self {
        if !success {
            Self::Failed(counts, status.to_string())
        } else if counts.failed > 0 {
            Self::Failed(
                counts,
                "tests failed, although the exit status is success".to_owned(),
            )
        } else if step.has_tests() && counts.ran() == 0 {
            Self::Failed(counts, "ran no test".to_owned())
        } else {
            Self::Passed(counts)
        }
    }

    /// Its contribution to the last line. A step that failed without a failing test (for example,
    /// because it did not compile) counts as one failed test, and a skipped step as one skipped test,
    /// so that the line alone shows whether everything passed.
    pub(crate) fn counts(&self) -> TestCounts {
        match self {
            Self::Passed(counts) => *counts,
            Self::Failed(counts, _) => TestCounts {
                failed: counts.failed.max(1),
                ..*counts
            },
            Self::Skipped(_) => TestCounts {
                skipped: 1,
                ..TestCounts::default()
            },
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(_) => f.write_str("passed"),
            Self::Failed(_, reason) => write!(f, "FAILED: {reason}"),
            Self::Skipped(reason) => write!(f, "skipped: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: TestCounts = TestCounts {
        passed: 1,
        failed: 0,
        skipped: 0,
    };

    #[test]
    fn outcome_fails_if_no_test_ran() {
        let none = TestCounts::default();
        assert_eq!(
            Outcome::of(Step::E2e, true, "", none).to_string(),
            "FAILED: ran no test"
        );
        assert_eq!(
            Outcome::of(Step::Build, true, "", none),
            Outcome::Passed(none)
        );
        assert_eq!(Outcome::of(Step::E2e, true, "", ONE), Outcome::Passed(ONE));
    }

    #[test]
    fn outcome_counts_include_failed_and_skipped_steps() {
        let broken = Outcome::of(Step::Native, false, "exit status: 101", ONE);
        assert_eq!(broken.counts().to_string(), "1 passed, 1 failed, 0 skipped");
        let skipped = Outcome::Skipped("no browser".to_owned());
        assert_eq!(
            skipped.counts().to_string(),
            "0 passed, 0 failed, 1 skipped"
        );
    }

    #[test]
    fn step_displays_its_command_line_name() {
        assert_eq!(Step::GoldenFlex.to_string(), "golden-flex");
        assert!(!Step::E2e.about().is_empty());
    }
}
