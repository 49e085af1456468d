//! Paths: the built page, and the folder for output files.

use std::{env, path::Path, path::PathBuf};

/// The built page: the environment variable `ELBO_DIST`, or `dist/` in the workspace.
pub fn dist() -> PathBuf {
    env::var_os("ELBO_DIST").map_or_else(|| workspace().join("dist"), PathBuf::from)
}

/// Cargo's target folder. Diagnostics of failures and the benchmark's JSON are written below it.
pub fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}

fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}
