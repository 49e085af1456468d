//! `wasm-bindgen-test-runner`, which runs `cargo test --target wasm32-unknown-unknown` in a browser.

use std::path::PathBuf;

use anyhow::Result;

use super::cargo_install::Package;
use crate::paths::Paths;
use crate::versions;

/// Finds or installs the runner.
pub(crate) fn ensure(paths: &Paths) -> Result<PathBuf> {
    let [runner] = Package {
        name: "wasm-bindgen-cli",
        version: versions::WASM_BINDGEN.to_owned(),
        // It rewrites modules of many megabytes.
        opt_level: "2",
    }
    .ensure(paths, ["wasm-bindgen-test-runner"])?;
    Ok(runner)
}
