//! Programs from crates.io in an exact version, installed below the target folder.
//!
//! A program on PATH that has the required version is used instead.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::announce;
use crate::paths::Paths;
use crate::{process, versions};

/// A package of programs on crates.io.
pub(super) struct Package {
    /// Its name on crates.io.
    pub(super) name: &'static str,
    /// The exact version.
    pub(super) version: String,
    /// `opt-level` of the build. The programs run for seconds, so a short build matters more than
    /// fast code.
    pub(super) opt_level: &'static str,
}

impl Package {
    /// The paths of the package's `programs`, installed if they are missing.
    pub(super) fn ensure<const N: usize>(
        &self,
        paths: &Paths,
        programs: [&str; N],
    ) -> Result<[PathBuf; N]> {
        if let Some(found) = self.find(paths, programs) {
            return Ok(found);
        }
        self.install(paths)
            .with_context(|| format!("cannot install {} {}", self.name, self.version))?;
        self.find(paths, programs).with_context(|| {
            format!(
                "{} {} was installed, but does not run",
                self.name, self.version
            )
        })
    }

    fn find<const N: usize>(&self, paths: &Paths, programs: [&str; N]) -> Option<[PathBuf; N]> {
        let found = programs.map(|program| self.find_one(paths, program));
        found
            .iter()
            .all(Option::is_some)
            .then(|| found.map(Option::unwrap_or_default))
    }

    fn find_one(&self, paths: &Paths, program: &str) -> Option<PathBuf> {
        let installed = which::which_in(program, Some(paths.tools().join("bin")), &paths.root);
        let on_path = which::which(program);
        [installed, on_path]
            .into_iter()
            .flatten()
            .find(|path| self.has_required_version(path))
    }

    fn has_required_version(&self, program: &Path) -> bool {
        process::output(process::command(program).arg("--version"))
            .is_ok_and(|output| versions::printed(&output) == Some(self.version.as_str()))
    }

    fn install(&self, paths: &Paths) -> Result<()> {
        announce(format_args!(
            "cargo install {} {} (once, some minutes)",
            self.name, self.version
        ));
        // wasm-bindgen-cli was once published with a lock file that names an unpublished version.
        let result = self
            .cargo_install(paths, &["--locked"])
            .or_else(|_| self.cargo_install(paths, &[]));
        let build = build_folder(paths);
        if build.exists() {
            std::fs::remove_dir_all(&build)?;
        }
        result
    }

    fn cargo_install(&self, paths: &Paths, options: &[&str]) -> Result<()> {
        // Outside the checkout: its .cargo/config.toml and rust-toolchain.toml do not apply to tools.
        let current_dir = std::env::temp_dir();
        if current_dir.starts_with(&paths.root) {
            bail!("the folder for temporary files is inside the checkout");
        }
        let codegen_units = match self.opt_level {
            "0" => "256",
            _ => "16",
        };
        let mut command = process::cargo();
        command
            .args(["install", "--quiet", "--force"])
            .args(options)
            .arg("--root")
            .arg(paths.tools())
            .arg(format!("{}@{}", self.name, self.version))
            .current_dir(current_dir)
            .env("CARGO_TARGET_DIR", build_folder(paths))
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level)
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", codegen_units)
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        for name in [
            "RUSTC",
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_TARGET",
        ] {
            command.env_remove(name);
        }
        process::output(&mut command)?;
        Ok(())
    }
}

fn build_folder(paths: &Paths) -> PathBuf {
    paths.tools().join("build")
}
