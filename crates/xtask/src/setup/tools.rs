//! trunk and wasm-bindgen, which build the page.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::cargo_install::Package;
use crate::paths::Paths;
use crate::{process, versions};

/// Paths of the installed programs.
#[derive(Debug)]
pub(crate) struct Tools {
    /// `trunk`.
    pub(crate) trunk: PathBuf,
    /// `wasm-bindgen-test-runner`: runs `cargo test --target wasm32-unknown-unknown` in a browser.
    pub(crate) test_runner: PathBuf,
    /// `wasm-bindgen`: writes a module's JavaScript bindings. trunk calls it, too.
    pub(crate) wasm_bindgen: PathBuf,
}

impl Tools {
    /// `PATH` with `first` and the tools' folders before others, where trunk looks for wasm-bindgen.
    pub(crate) fn path_after(&self, first: &Path) -> Result<OsString> {
        let tools = [&self.wasm_bindgen, &self.trunk];
        let folders: Vec<_> = std::iter::once(first)
            .chain(tools.into_iter().filter_map(|tool| tool.parent()))
            .collect();
        process::path_with(&folders)
    }
}

/// Finds or installs the tools.
pub(crate) fn ensure(paths: &Paths) -> Result<Tools> {
    let [trunk] = Package {
        name: "trunk",
        version: versions::TRUNK.to_owned(),
        opt_level: "1",
    }
    .ensure(paths, ["trunk"])?;
    let [wasm_bindgen, test_runner] = Package {
        name: "wasm-bindgen-cli",
        version: versions::wasm_bindgen(&paths.root)?,
        // It rewrites modules of many megabytes.
        opt_level: "2",
    }
    .ensure(paths, ["wasm-bindgen", "wasm-bindgen-test-runner"])?;
    Ok(Tools {
        trunk,
        test_runner,
        wasm_bindgen,
    })
}
