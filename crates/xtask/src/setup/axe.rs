//! axe-core, which finds what keeps people from using the page; a test injects it.

use super::npm;
use crate::{places::Places, versions};
use anyhow::{Context, Result};
use std::path::PathBuf;

/// The script, installed if it is not there.
pub(crate) fn ensure(places: &Places) -> Result<PathBuf> {
    const PACKAGE: &str = "axe-core";
    if npm::version(places, PACKAGE).as_deref() != Some(versions::AXE) {
        npm::install(places, PACKAGE, versions::AXE)?;
    }
    let script = npm::modules(places).join(PACKAGE).join("axe.min.js");
    script
        .is_file()
        .then_some(script)
        .context("npm installed axe-core, but it has no axe.min.js")
}
