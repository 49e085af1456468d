//! The other libraries: the npm packages of `tests/bench/package-lock.json`, installed below the target folder.

use std::path::PathBuf;

use anyhow::Result;

use crate::paths::Paths;
use crate::setup::npm;

/// The path of `node_modules`; installs the packages if the lock file has changed since the last installation.
pub(crate) fn ensure(paths: &Paths) -> Result<PathBuf> {
    let folder = paths.target.join("bench").join("npm");
    let sources = paths.root.join("tests/bench");
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
