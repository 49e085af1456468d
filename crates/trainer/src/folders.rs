//! Default folders for files that can be generated again.

use std::path::PathBuf;

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from)
}

/// The checkpoints of a recipe's run.
pub(crate) fn checkpoints(recipe: &str) -> PathBuf {
    target().join("checkpoints").join(recipe)
}
