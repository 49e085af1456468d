//! The peers, from npm: what `tests/bench/package-lock.json` names, below the target folder.

use std::path::PathBuf;

use anyhow::Result;

use crate::places::Places;
use crate::setup::npm;

/// `node_modules`, installed unless the lock file is the one that was installed last.
pub(crate) fn ensure(places: &Places) -> Result<PathBuf> {
    let folder = places.target.join("bench").join("npm");
    let sources = places.root.join("tests/bench");
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
    // Last, so that an installation that broke off is done again.
    std::fs::write(stamp, lock)?;
    Ok(modules)
}
