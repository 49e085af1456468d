//! cargo-deny, which checks dependencies against deny.toml and the RustSec advisories.

use std::path::PathBuf;

use anyhow::Result;

use super::cargo_install::Package;
use crate::paths::Paths;
use crate::versions;

/// The path of `cargo-deny`, installed if it is missing.
pub(crate) fn ensure(paths: &Paths) -> Result<PathBuf> {
    let [program] = Package {
        name: "cargo-deny",
        version: versions::CARGO_DENY.to_owned(),
        opt_level: "1",
    }
    .ensure(paths, ["cargo-deny"])?;
    Ok(program)
}
