//! Seeds: files of this repository, and files that are made here.

use std::path::{Path, PathBuf};

/// The longest seed that is taken, in bytes.
const MAX_SEED: u64 = 64 << 10;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the repository; none if it is not there, as where only the program was copied to.
pub(crate) fn file(path: &str) -> Option<Vec<u8>> {
    std::fs::read(root().join(path)).ok()
}

/// The files of a folder of the repository with one of these endings, in the order of their names, unless they are
/// longer than a seed should be.
pub(crate) fn files(folder: &str, endings: &[&str]) -> Vec<Vec<u8>> {
    let Ok(entries) = std::fs::read_dir(root().join(folder)) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let ending = path.extension().and_then(|ending| ending.to_str());
            ending.is_some_and(|ending| endings.contains(&ending))
                && path.metadata().is_ok_and(|data| data.len() <= MAX_SEED)
        })
        .collect();
    paths.sort();
    paths
        .iter()
        .filter_map(|path| std::fs::read(path).ok())
        .collect()
}

/// The inputs on which a target once failed: `regressions/TARGET/`.
pub(crate) fn regressions(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("regressions")
        .join(target);
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths
        .iter()
        .filter_map(|path| std::fs::read(path).ok())
        .collect()
}
