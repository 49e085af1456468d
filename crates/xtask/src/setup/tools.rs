//! trunk and wasm-bindgen, from crates.io, in the versions that this project needs.
//!
//! A tool on PATH of the very version is used as it is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::announce;
use crate::places::Places;
use crate::{process, versions};

/// The installed tools.
#[derive(Debug)]
pub(crate) struct Tools {
    /// `trunk`.
    pub(crate) trunk: PathBuf,
    /// Runs `cargo test --target wasm32-unknown-unknown` in a browser.
    pub(crate) test_runner: PathBuf,
    /// Binds a module to JavaScript; trunk calls it, too.
    pub(crate) wasm_bindgen: PathBuf,
}

impl Tools {
    /// `PATH` with the tools first: trunk looks there for wasm-bindgen.
    pub(crate) fn path(&self) -> Result<OsString> {
        let folders: Vec<_> = [&self.wasm_bindgen, &self.trunk]
            .iter()
            .filter_map(|tool| tool.parent())
            .collect();
        process::path_with(&folders)
    }
}

/// Finds or installs them.
pub(crate) fn ensure(places: &Places) -> Result<Tools> {
    let [trunk] = Package {
        name: "trunk",
        version: versions::TRUNK.to_owned(),
        opt_level: "1",
    }
    .ensure(places, ["trunk"])?;
    let [wasm_bindgen, test_runner] = Package {
        name: "wasm-bindgen-cli",
        version: versions::wasm_bindgen(&places.root)?,
        // It rewrites modules of many megabytes.
        opt_level: "2",
    }
    .ensure(places, ["wasm-bindgen", "wasm-bindgen-test-runner"])?;
    Ok(Tools {
        trunk,
        test_runner,
        wasm_bindgen,
    })
}

struct Package {
    name: &'static str,
    version: String,
    opt_level: &'static str,
}

impl Package {
    fn ensure<const N: usize>(&self, places: &Places, programs: [&str; N]) -> Result<[PathBuf; N]> {
        if let Some(found) = self.find(places, programs) {
            return Ok(found);
        }
        self.install(places)
            .with_context(|| format!("cannot install {} {}", self.name, self.version))?;
        self.find(places, programs).with_context(|| {
            format!(
                "{} {} was installed, but does not run",
                self.name, self.version
            )
        })
    }

    fn find<const N: usize>(&self, places: &Places, programs: [&str; N]) -> Option<[PathBuf; N]> {
        let found = programs.map(|program| self.find_one(places, program));
        found
            .iter()
            .all(Option::is_some)
            .then(|| found.map(Option::unwrap_or_default))
    }

    fn find_one(&self, places: &Places, program: &str) -> Option<PathBuf> {
        let ours = which::which_in(program, Some(places.tools().join("bin")), &places.root);
        let on_path = which::which(program);
        [ours, on_path]
            .into_iter()
            .flatten()
            .find(|path| self.is_version_of(path))
    }

    fn is_version_of(&self, program: &Path) -> bool {
        process::output(process::command(program).arg("--version"))
            .is_ok_and(|output| versions::printed(&output) == Some(self.version.as_str()))
    }

    fn install(&self, places: &Places) -> Result<()> {
        announce(format_args!(
            "cargo install {} {} (once, some minutes)",
            self.name, self.version
        ));
        // wasm-bindgen-cli was once published with a lock file that named a crate which was not.
        let installed = self
            .cargo_install(places, &["--locked"])
            .or_else(|_| self.cargo_install(places, &[]));
        let build = build_folder(places);
        if build.exists() {
            std::fs::remove_dir_all(&build)?;
        }
        installed
    }

    fn cargo_install(&self, places: &Places, options: &[&str]) -> Result<()> {
        // Away from the checkout, whose .cargo/config.toml and rust-toolchain.toml are not meant
        // for tools.
        let elsewhere = std::env::temp_dir();
        if elsewhere.starts_with(&places.root) {
            bail!("the folder for temporary files lies within the checkout");
        }
        let mut command = process::cargo();
        command
            .args(["install", "--quiet", "--force"])
            .args(options)
            .arg("--root")
            .arg(places.tools())
            .arg(format!("{}@{}", self.name, self.version))
            .current_dir(elsewhere)
            .env("CARGO_TARGET_DIR", build_folder(places))
            // Built once and run for seconds: a quick build is worth more than quick code.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", self.opt_level)
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
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

fn build_folder(places: &Places) -> PathBuf {
    places.tools().join("build")
}
