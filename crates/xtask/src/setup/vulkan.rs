//! A Vulkan driver, for the native tests of the WebGPU backend on Linux.
//!
//! Mesa's lavapipe draws and computes on the CPU, so no machine is without one. macOS (Metal) and
//! Windows (Direct3D) bring theirs.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::apt;

/// Finds a driver or installs Mesa's.
pub(crate) fn ensure() -> Result<()> {
    if std::env::consts::OS != "linux" || has_driver() {
        return Ok(());
    }
    if !apt::is_debian_like() {
        bail!(
            "no Vulkan driver found; install your distribution's Mesa driver \
             (Fedora: mesa-vulkan-drivers, Arch: vulkan-swrast)"
        );
    }
    apt::ensure(&["mesa-vulkan-drivers"]).context("no Vulkan driver found")
}

fn has_driver() -> bool {
    // The loader's own variables, then the folders that it looks into.
    ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"]
        .iter()
        .any(|name| std::env::var_os(name).is_some())
        || [
            "/usr/share/vulkan/icd.d",
            "/usr/local/share/vulkan/icd.d",
            "/etc/vulkan/icd.d",
            "/run/opengl-driver/share/vulkan/icd.d",
        ]
        .iter()
        .any(|folder| has_manifest(Path::new(folder)))
}

fn has_manifest(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.path().extension().is_some_and(|e| e == "json"))
    })
}

#[cfg(test)]
mod tests {
    use super::has_manifest;

    #[test]
    fn a_driver_is_a_manifest() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_manifest(folder.path()));
        std::fs::write(folder.path().join("lvp_icd.x86_64.json"), "{}").unwrap();
        assert!(has_manifest(folder.path()));
    }
}
