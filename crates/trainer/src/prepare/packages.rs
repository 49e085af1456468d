//! Packages with fonts or drawings, installed by npm.

use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder `node_modules` with the packages of `manifest`, the text of a `package.json`; npm installs them into
/// `folder` if it does not exist.
///
/// # Errors
/// If npm is missing or fails. `folder` is deleted then, so that the next run installs them again.
pub(crate) fn installed(folder: &Path, manifest: &str) -> Result<PathBuf> {
    if !folder.exists() {
        fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))?;
        fs::write(folder.join("package.json"), manifest)?;
        let installed = install(folder);
        if installed.is_err() {
            fs::remove_dir_all(folder)?;
        }
        installed?;
    }
    Ok(folder.join("node_modules"))
}

fn install(folder: &Path) -> Result<()> {
    println!("npm installs packages in {}", folder.display());
    let status = Command::new("npm")
        .current_dir(folder)
        .args(["install", "--no-audit", "--no-fund", "--no-package-lock"])
        // The packages consist of data; none of their scripts is needed.
        .arg("--ignore-scripts")
        .status()
        .context("can't start npm, which downloads the packages; install Node.js")?;
    ensure!(status.success(), "npm failed: {status}");
    Ok(())
}
