//! npm packages, installed below the target folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{announce, apt};
use crate::paths::Paths;
use crate::process;

/// The folder of the installed packages.
pub(crate) fn modules(paths: &Paths) -> PathBuf {
    prefix(paths).join("node_modules")
}

/// The installed version of a package.
pub(crate) fn version(paths: &Paths, package: &str) -> Option<String> {
    let file = modules(paths).join(package).join("package.json");
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()?;
    json["version"].as_str().map(str::to_owned)
}

/// Installs one package and keeps the others.
pub(crate) fn install(paths: &Paths, package: &str, version: &str) -> Result<()> {
    let npm = npm_for(&format!("{package} {version}"))?;
    announce(format_args!("npm install {package}@{version}"));
    let prefix = prefix(paths);
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

/// Installs exactly the packages of the lock file in `folder`. Install scripts are not run; no
/// package in the lock file needs one.
pub(crate) fn clean_install(folder: &Path) -> Result<()> {
    let npm = npm_for("the comparison with other libraries")?;
    announce("npm ci for the benchmark");
    process::output(
        process::command(npm)
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .arg("--loglevel=error")
            .current_dir(folder),
    )?;
    Ok(())
}

/// The `npm` program; Debian's package is installed if it is missing. `purpose` is used in errors.
fn npm_for(purpose: &str) -> Result<PathBuf> {
    if which::which("npm").is_err() && apt::is_debian_like() {
        apt::ensure(&["npm"]).with_context(|| format!("{purpose} needs npm"))?;
    }
    match which::which("npm") {
        Ok(npm) => Ok(npm),
        Err(_) => bail!("{purpose} needs npm, which is not on PATH; install node and npm"),
    }
}

fn prefix(paths: &Paths) -> PathBuf {
    paths.tools().join("npm")
}
