//! trunk, which builds and serves the page.

use std::path::PathBuf;

use anyhow::Result;

use super::cargo_install::Package;
use crate::paths::Paths;
use crate::versions;

/// Finds or installs trunk.
pub(crate) fn ensure(paths: &Paths) -> Result<PathBuf> {
    let [trunk] = Package {
        name: "trunk",
        version: versions::TRUNK.to_owned(),
        // It copies files and calls other programs.
        opt_level: "0",
    }
    .ensure(paths, ["trunk"])?;
    Ok(trunk)
}
