//! What the backend picker can say.

use protocol::{Backend, UnknownBackend};
use std::{fmt, str::FromStr};

/// Which backend to draw with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Choice {
    /// Draw on the CPU at once, measure the GPU, and keep the faster.
    #[default]
    Auto,
    /// This one, if it can be had.
    Forced(Backend),
}

impl Choice {
    /// All choices, in the picker's order.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Auto).chain(Backend::ALL.into_iter().map(Self::Forced))
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Forced(backend) => backend.fmt(f),
        }
    }
}

impl FromStr for Choice {
    type Err = UnknownBackend;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "auto" => Ok(Self::Auto),
            name => name.parse().map(Self::Forced),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for choice in Choice::all() {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        assert!("gpu".parse::<Choice>().is_err());
    }
}
