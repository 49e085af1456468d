//! One named part of `cargo xtask test`, and how it ended.

use std::fmt;

use clap::ValueEnum;

use super::tally::Tally;

/// The steps, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Step {
    /// Formatting
    Fmt,
    /// Lints, on the host and for wasm
    Clippy,
    /// Unit tests, and the golden cases on each backend natively
    Native,
    /// The golden cases in Chromium on burn's flex backend
    GoldenFlex,
    /// The golden cases in Chromium on burn's ndarray backend
    GoldenNdarray,
    /// The golden cases in Chromium on burn's WebGPU backend
    GoldenWebgpu,
    /// The page, bundled by trunk
    Build,
    /// The whole page, driven in Chromium
    E2e,
    /// The bench beside other libraries, once through: whether it works, not how fast anything is
    Bench,
}

impl Step {
    /// The backend of a golden step, by the name of its feature.
    pub(crate) fn backend(self) -> Option<&'static str> {
        match self {
            Self::GoldenFlex => Some("flex"),
            Self::GoldenNdarray => Some("ndarray"),
            Self::GoldenWebgpu => Some("webgpu"),
            _ => None,
        }
    }

    /// Whether it consists of tests, so that running none is a failure.
    pub(crate) fn has_tests(self) -> bool {
        !matches!(self, Self::Fmt | Self::Clippy | Self::Build | Self::Bench)
    }

    /// One line about it.
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

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As it should.
    Passed(Tally),
    /// With a failure, described in a line.
    Failed(Tally, String),
    /// It could not start, for the reason given.
    Skipped(String),
}

impl Ending {
    /// Judges a program that ran to its end.
    pub(crate) fn of(step: Step, success: bool, status: impl fmt::Display, tally: Tally) -> Self {
        if !success {
            Self::Failed(tally, status.to_string())
        } else if tally.failed > 0 {
            Self::Failed(
                tally,
                "tests failed, though the exit status says success".to_owned(),
            )
        } else if step.has_tests() && tally.ran() == 0 {
            Self::Failed(tally, "ran no test".to_owned())
        } else {
            Self::Passed(tally)
        }
    }

    /// What it adds to the last line. A step that broke without a failing test (it did not
    /// compile, say) counts as one failed, and one that was skipped as one skipped, so that the
    /// line alone tells good from bad.
    pub(crate) fn tally(&self) -> Tally {
        match self {
            Self::Passed(tally) => *tally,
            Self::Failed(tally, _) => Tally {
                failed: tally.failed.max(1),
                ..*tally
            },
            Self::Skipped(_) => Tally {
                skipped: 1,
                ..Tally::default()
            },
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(_) => f.write_str("passed"),
            Self::Failed(_, why) => write!(f, "FAILED: {why}"),
            Self::Skipped(why) => write!(f, "skipped: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Tally = Tally {
        passed: 1,
        failed: 0,
        skipped: 0,
    };

    #[test]
    fn no_test_is_no_success() {
        let none = Tally::default();
        assert_eq!(
            Ending::of(Step::E2e, true, "", none).to_string(),
            "FAILED: ran no test"
        );
        assert_eq!(
            Ending::of(Step::Build, true, "", none),
            Ending::Passed(none)
        );
        assert_eq!(Ending::of(Step::E2e, true, "", ONE), Ending::Passed(ONE));
    }

    #[test]
    fn a_broken_step_shows_in_the_count() {
        let broken = Ending::of(Step::Native, false, "exit status: 101", ONE);
        assert_eq!(broken.tally().to_string(), "1 passed, 1 failed, 0 skipped");
        let skipped = Ending::Skipped("no browser".to_owned());
        assert_eq!(skipped.tally().to_string(), "0 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn names_are_those_of_the_command_line() {
        assert_eq!(Step::GoldenFlex.to_string(), "golden-flex");
        assert!(!Step::E2e.about().is_empty());
    }
}
