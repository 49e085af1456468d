//! The backends that a model can run on.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The implementation that a model's arithmetic runs on. Each has its own worker bundle, `engine-<name>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// burn's own CPU backend: the smallest bundle, so the one that is started first.
    Flex,
    /// burn on the `ndarray` crate, on the CPU.
    NdArray,
    /// burn-wgpu on the browser's WebGPU.
    WebGpu,
}

impl Backend {
    /// All backends, in the order in which the page lists them.
    pub const ALL: [Self; 3] = [Self::WebGpu, Self::NdArray, Self::Flex];

    /// The name used in the address, in the picker, in file names and in logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::NdArray => "ndarray",
            Self::WebGpu => "webgpu",
        }
    }

    /// Whether it runs on the CPU, and so needs only wasm from the browser.
    pub fn is_cpu(self) -> bool {
        !matches!(self, Self::WebGpu)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name is not that of a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownBackend(pub String);

impl fmt::Display for UnknownBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown backend \"{}\": use webgpu, ndarray or flex",
            self.0
        )
    }
}

impl std::error::Error for UnknownBackend {}

impl FromStr for Backend {
    type Err = UnknownBackend;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|backend| backend.name() == name)
            .ok_or_else(|| UnknownBackend(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backend_names_round_trip() {
        for backend in Backend::ALL {
            assert_eq!(backend.name().parse(), Ok(backend));
        }
        assert!("cuda".parse::<Backend>().is_err());
    }
}
