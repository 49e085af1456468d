//! Builds `std` for wasm from the distribution's library source, as a sysroot of our own.
//!
//! `-Z build-std` on an empty crate leaves the library's rlibs in a `deps` folder. Moved to where
//! rustc looks below a sysroot, they serve plain `cargo build --target wasm32-unknown-unknown`
//! without any unstable flag.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::announce;
use super::wasm_target::WASM;
use crate::places::Places;
use crate::process;
use crate::stopwatch::Stopwatch;

/// Raise it with each change to how the sysroot is built, so that it is built anew.
const RECIPE: u32 = 1;

/// `lto = true` reads the library's bitcode; without it: "can't find section .llvmbc".
const RUSTFLAGS: &str = "-Cembed-bitcode=yes";

/// `test` is what `cargo test` for wasm links.
const BUILD_STD: &str = "build-std=std,panic_abort,test";

/// A compiler outside rustup, with the library's source beside it.
pub(super) struct Distribution {
    pub(super) rustc: PathBuf,
    pub(super) cargo: PathBuf,
}

impl Distribution {
    /// Where Debian puts its own.
    pub(super) fn debian() -> Self {
        Self {
            rustc: PathBuf::from("/usr/bin/rustc"),
            cargo: PathBuf::from("/usr/bin/cargo"),
        }
    }

    /// What the stamp of a sysroot made by this compiler says.
    fn stamp(&self) -> Result<String> {
        let version = process::output(process::command(&self.rustc).arg("-vV"))?;
        Ok(format!("recipe {RECIPE}\n{version}"))
    }

    /// Whether `sysroot` was built by this compiler, as it is now, with the present recipe.
    pub(super) fn made(&self, sysroot: &Path) -> bool {
        self.rustc.exists()
            && has_std(&library(sysroot))
            && self.stamp().is_ok_and(|stamp| {
                std::fs::read_to_string(stamp_file(sysroot)).is_ok_and(|old| old == stamp)
            })
    }

    /// Builds the sysroot.
    pub(super) fn make(&self, places: &Places, sysroot: &Path) -> Result<()> {
        announce("building the standard library for wasm from source (once, a few minutes)");
        let watch = Stopwatch::start();
        let workshop = places.target.join("wasm-sysroot-build");
        empty_folder(&workshop)?;
        self.build_empty_crate(&workshop)?;

        // rustc cannot tell that a library of the same name was built anew and cargo does not
        // look: what was linked against the old one has to go.
        remove_folder(&places.target.join(WASM))?;

        empty_folder(sysroot)?;
        let library = library(sysroot);
        std::fs::create_dir_all(&library)?;
        let built = workshop.join("target").join(WASM).join("release/deps");
        for entry in std::fs::read_dir(&built)? {
            let path = entry?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "rlib")
                && let Some(name) = path.file_name()
                && !name.to_string_lossy().starts_with("libempty-")
            {
                std::fs::copy(&path, library.join(name))?;
            }
        }
        if !has_std(&library) {
            bail!(
                "building the standard library left none in {}",
                built.display()
            );
        }
        // Last, so that a sysroot that was cut short does not count.
        std::fs::write(stamp_file(sysroot), self.stamp()?)?;
        remove_folder(&workshop)?;
        announce(format_args!("the standard library for wasm took {watch}"));
        Ok(())
    }

    fn build_empty_crate(&self, workshop: &Path) -> Result<()> {
        // A workspace of its own, as the target folder may lie within ours.
        std::fs::write(
            workshop.join("Cargo.toml"),
            "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [lib]\npath = \"empty.rs\"\n\n[workspace]\n",
        )?;
        std::fs::write(workshop.join("empty.rs"), "")?;
        process::output(
            process::command(&self.cargo)
                .args(["build", "--release", "--target", WASM, "-Z", BUILD_STD])
                .current_dir(workshop)
                .env("CARGO_TARGET_DIR", workshop.join("target"))
                .env("RUSTC", &self.rustc)
                .env("RUSTC_BOOTSTRAP", "1")
                .env("RUSTFLAGS", RUSTFLAGS)
                .env_remove("CARGO_ENCODED_RUSTFLAGS"),
        )?;
        Ok(())
    }
}

/// Where rustc looks for wasm libraries below a sysroot.
fn library(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(WASM).join("lib")
}

fn stamp_file(sysroot: &Path) -> PathBuf {
    sysroot.join("stamp")
}

/// Whether a library folder holds a `std`.
pub(super) fn has_std(library: &Path) -> bool {
    std::fs::read_dir(library).is_ok_and(|entries| {
        entries
            .flatten()
            .map(|entry| entry.file_name())
            .any(|name| is_std(&name.to_string_lossy()))
    })
}

fn is_std(name: &str) -> bool {
    name.starts_with("libstd-") && name.ends_with(".rlib")
}

fn empty_folder(folder: &Path) -> Result<()> {
    remove_folder(folder)?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))
}

fn remove_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn std_is_told_from_its_neighbours() {
        assert!(is_std("libstd-723a93f9dad40af0.rlib"));
        assert!(!is_std("libstd_detect-abbd0c350ca3728b.rlib"));
        assert!(!is_std("libstd-723a93f9dad40af0.rmeta"));
    }

    #[test]
    fn empty_folder_has_no_std() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_std(folder.path()));
        assert!(!has_std(&folder.path().join("absent")));
        std::fs::write(folder.path().join("libstd-1.rlib"), "").unwrap();
        assert!(has_std(folder.path()));
    }
}
