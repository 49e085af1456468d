//! npm packages of the benchmark, installed below the target folder: the other libraries (`tests/bench/package-lock.json`),
//! and Lighthouse (`tests/bench/lighthouse/package-lock.json`).

use std::path::PathBuf;

use anyhow::Result;

use crate::paths::Paths;
use crate::setup::npm;

/// The path of the other libraries' `node_modules`.
pub(crate) fn ensure(paths: &Paths) -> Result<PathBuf> {
    install(paths, "tests/bench", "npm")
}

/// The path of Lighthouse's `node_modules`.
pub(crate) fn ensure_lighthouse(paths: &Paths) -> Result<PathBuf> {
    install(paths, "tests/bench/lighthouse", "npm-lighthouse")
}

/// Installs the packages of a lock file, if it has changed since the last installation.
fn install(paths: &Paths, sources: &str, folder: &str) -> Result<PathBuf> {
    let folder = paths.target.join("bench").join(folder);
    let sources = paths.root.join(sources);
    let lock = std::fs::read_to_string(sources.join("package-lock.json"))?;
    let modules = folder.join("node_modules");
    let stamp = folder.join("installed-lock.json");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(modules);
    }
    std::fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        std::fs::copy(sources.join(file), folder.join(file))?;
    }
    npm::clean_install(&folder)?;
    // Written last, so that an interrupted installation is repeated.
    std::fs::write(stamp, lock)?;
    Ok(modules)
}
