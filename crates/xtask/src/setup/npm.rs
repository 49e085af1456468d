//! Packages of npm, put down beside our other tools.

use super::{announce, apt};
use crate::{places::Places, process};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;

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
    if which::which("npm").is_err() && apt::is_debian_like() {
        apt::ensure(&["npm"]).with_context(|| format!("{package} {version} needs npm"))?;
    }
    let Ok(npm) = which::which("npm") else {
        bail!("there is no npm to install {package} {version} with; install node and npm");
    };
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

fn prefix(places: &Places) -> PathBuf {
    places.tools().join("npm")
}
