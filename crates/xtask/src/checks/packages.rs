//! The workspace's packages and the dependencies that their manifests declare.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::process;

/// A package of the workspace.
#[derive(Debug)]
pub(super) struct Package {
    /// Its folder, relative to the workspace's root, such as `crates/vae`.
    pub(super) folder: String,
    /// Names of its normal dependencies on all platforms, optional ones included.
    pub(super) dependencies: Vec<String>,
}

/// All packages by name.
pub(super) type Packages = BTreeMap<String, Package>;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Manifest>,
}

#[derive(Deserialize)]
struct Manifest {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `None` for a normal dependency, else `dev` or `build`.
    kind: Option<String>,
}

/// Asks cargo for the workspace's packages. Needs no network.
pub(super) fn load(root: &Path) -> Result<Packages> {
    let json = process::output(
        process::cargo()
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(root),
    )?;
    let metadata: Metadata = serde_json::from_str(&json)?;
    metadata
        .packages
        .into_iter()
        .map(|manifest| {
            let folder = manifest
                .manifest_path
                .parent()
                .context("a manifest has no folder")?;
            let folder = folder.strip_prefix(root).unwrap_or(folder);
            let package = Package {
                folder: folder.to_string_lossy().replace('\\', "/"),
                dependencies: manifest
                    .dependencies
                    .into_iter()
                    .filter(|dependency| dependency.kind.is_none())
                    .map(|dependency| dependency.name)
                    .collect(),
            };
            Ok((manifest.name, package))
        })
        .collect()
}
