//! Where things lie: the checkout, the target folder, and what xtask keeps in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process;

/// The checkout and its target folder.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The workspace's root folder.
    pub(crate) root: PathBuf,
    /// Cargo's target folder, as cargo itself sees it.
    pub(crate) target: PathBuf,
}

impl Places {
    /// Asks cargo, which knows `CARGO_TARGET_DIR` and its configuration files better than we do.
    pub(crate) fn find() -> Result<Self> {
        // Set by `cargo run`. The value at compile time would be another checkout's where two
        // share a target folder.
        let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir
            .ancestors()
            .nth(2)
            .context("xtask lies two folders below the root")?
            .to_owned();
        let metadata = process::output(
            process::cargo()
                .args(["metadata", "--no-deps", "--format-version", "1"])
                .current_dir(&root),
        )?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        let target = metadata["target_directory"]
            .as_str()
            .context("cargo metadata names no target directory")?;
        Ok(Self {
            target: PathBuf::from(target),
            root,
        })
    }

    /// Root of what `cargo install` and npm put down for us.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// Our own wasm `std`, where rustup has none.
    pub(crate) fn sysroot(&self) -> PathBuf {
        self.target.join("wasm-sysroot")
    }

    /// Optimised modules, by the hash of what they were made from.
    pub(crate) fn wasm_opt_cache(&self) -> PathBuf {
        self.target.join("wasm-opt-cache")
    }

    /// The page as `cargo xtask build` leaves it.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The page as the tests see it: without `wasm-opt`, which takes minutes.
    pub(crate) fn dist_for_tests(&self) -> PathBuf {
        self.target.join("dist-test")
    }

    /// Cargo settings of this machine alone; `.cargo/config.toml` includes it where it exists.
    pub(crate) fn local_config(&self) -> PathBuf {
        self.root.join(".cargo").join("local.toml")
    }

    /// `path` as it reads from the root, for messages.
    pub(crate) fn show<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}
