//! Packages of npm, put down beside our other tools.

use super::{announce, apt};
use crate::{places::Places, process};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// Where they lie.
pub(crate) fn modules(places: &Places) -> PathBuf {
    prefix(places).join("node_modules")
}

/// The version of a package that is there.
pub(crate) fn version(places: &Places, package: &str) -> Option<String> {
    let file = modules(places).join(package).join("package.json");
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()?;
    json["version"].as_str().map(str::to_owned)
}

/// Installs a package; others stay.
pub(crate) fn install(places: &Places, package: &str, version: &str) -> Result<()> {
    let npm = program(&format!("{package} {version}"))?;
    announce(format_args!("npm install {package}@{version}"));
    let prefix = prefix(places);
    std::fs::create_dir_all(&prefix)?;
    process::output(
        process::command(npm)
            .args([
                "install",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
                "--prefix",
            ])
            .arg(&prefix)
            .arg(format!("{package}@{version}"))
            .current_dir(&prefix),
    )?;
    Ok(())
}

/// Installs what the lock file in `folder` names, and nothing else. No package's own script is run: none of ours
/// needs one.
pub(crate) fn clean_install(folder: &Path) -> Result<()> {
    let npm = program("the bench beside other libraries")?;
    announce("npm ci for the bench");
    process::output(
        process::command(npm)
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .arg("--loglevel=error")
            .current_dir(folder),
    )?;
    Ok(())
}

/// npm, installed where Debian has it.
fn program(what_for: &str) -> Result<PathBuf> {
    if which::which("npm").is_err() && apt::is_debian_like() {
        apt::ensure(&["npm"]).with_context(|| format!("{what_for} needs npm"))?;
    }
    match which::which("npm") {
        Ok(npm) => Ok(npm),
        Err(_) => bail!("there is no npm, which {what_for} needs; install node and npm"),
    }
}

fn prefix(places: &Places) -> PathBuf {
    places.tools().join("npm")
}
