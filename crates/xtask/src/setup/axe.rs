//! axe-core, the accessibility checker that an end-to-end test injects into the page.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::npm;
use crate::paths::Paths;
use crate::versions;

const PACKAGE: &str = "axe-core";

/// The path of axe-core's script, installed if it is missing.
pub(crate) fn ensure(paths: &Paths) -> Result<PathBuf> {
    if npm::version(paths, PACKAGE).as_deref() != Some(versions::AXE) {
        npm::install(paths, PACKAGE, versions::AXE)?;
    }
    let script = npm::modules(paths).join(PACKAGE).join("axe.min.js");
    script
        .is_file()
        .then_some(script)
        .context("npm installed axe-core, but axe.min.js is missing from the package")
}
