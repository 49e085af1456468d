//! A Vulkan driver, for the native tests of the WebGPU backend on Linux.
//!
//! Mesa's lavapipe runs on the CPU, so the tests need no GPU. On macOS and Windows wgpu uses Metal
//! and Direct3D, which are part of the system.

use std::path::Path;

use anyhow::{Context, Result, bail};

use super::apt;

/// Finds a Vulkan driver or installs Mesa's.
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
    // The Vulkan loader's environment variables, then its search path.
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
    fn has_manifest_looks_for_json() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_manifest(folder.path()));
        std::fs::write(folder.path().join("lvp_icd.x86_64.json"), "{}").unwrap();
        assert!(has_manifest(folder.path()));
    }
}
