//! The choices of the backend picker.

use protocol::{Backend, UnknownBackend};
use std::{fmt, str::FromStr};

/// The backend to decode with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BackendChoice {
    /// Start on the CPU, measure the GPU, and keep the faster one.
    #[default]
    Auto,
    /// This one, if it is available.
    Forced(Backend),
}

impl BackendChoice {
    /// All choices, in the picker's order.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Auto).chain(Backend::ALL.into_iter().map(Self::Forced))
    }
}

impl fmt::Display for BackendChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Forced(backend) => backend.fmt(f),
        }
    }
}

impl FromStr for BackendChoice {
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
    fn backend_choice_names_round_trip() {
        for choice in BackendChoice::all() {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        assert!("gpu".parse::<BackendChoice>().is_err());
    }
}
