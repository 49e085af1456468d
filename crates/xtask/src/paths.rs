//! Paths of the checkout, the target folder, and the files that xtask keeps in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;

/// The checkout and its target folder.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    /// The workspace's root folder.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
}

impl Paths {
    /// Asks cargo for the target folder, which `CARGO_TARGET_DIR` or a configuration file may set.
    pub(crate) fn find() -> Result<Self> {
        let root = workspace_root()?;
        let metadata = process::output(
            process::cargo()
                .args(["metadata", "--no-deps", "--format-version", "1"])
                .current_dir(&root),
        )?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        let target = metadata["target_directory"]
            .as_str()
            .context("the output of cargo metadata has no target_directory")?;
        Ok(Self {
            target: PathBuf::from(target),
            root,
        })
    }

    /// Where `cargo install` and npm put tools.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// Optimized modules, named by the hash of their input.
    pub(crate) fn wasm_opt_cache(&self) -> PathBuf {
        self.target.join("wasm-opt-cache")
    }

    /// The output of `cargo xtask build`.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The page that the tests use: built without `wasm-opt`, which takes minutes.
    pub(crate) fn dist_for_tests(&self) -> PathBuf {
        self.target.join("dist-test")
    }

    /// `path` relative to the root, for messages.
    pub(crate) fn display<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

/// The workspace's root folder.
pub(crate) fn workspace_root() -> Result<PathBuf> {
    // `cargo run` sets the variable. The compile-time value would be another checkout's if two
    // checkouts share a target folder.
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    Ok(manifest_dir
        .ancestors()
        .nth(2)
        .context("xtask is not two folders below the workspace's root")?
        .to_owned())
}
