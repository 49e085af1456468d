//! Lints: clippy on the whole workspace natively, and on the browser's packages for wasm.

use std::process::Command;

use anyhow::Result;

use super::WASM_PACKAGES;
use crate::paths::Paths;
use crate::setup::wasm_target::WASM;
use crate::{process, workspace};

/// Runs clippy; every warning is an error.
pub(crate) fn run(paths: &Paths) -> Result<()> {
    let mut native = clippy(paths);
    native.args([
        "--workspace",
        "--all-targets",
        "--features",
        workspace::ALL_TEST_FEATURES,
    ]);
    process::run(native.args(["--", "-Dwarnings"]))?;
    for (package, features) in WASM_PACKAGES {
        let mut wasm = clippy(paths);
        wasm.args(["--target", WASM, "--package", package])
            .args(*features);
        process::run(wasm.args(["--", "-Dwarnings"]))?;
    }
    Ok(())
}

/// Lints the engine's program for the comparison with other libraries, for wasm. `cargo xtask test` compiles it
/// in its step `bench`, so only `cargo xtask check` lints it.
pub(crate) fn run_contender(paths: &Paths) -> Result<()> {
    let mut wasm = clippy(paths);
    wasm.args(["--target", WASM, "--package", "tests", "--bin", "contender"])
        .args(["--no-default-features", "--features", "contender,flex"]);
    process::run(wasm.args(["--", "-Dwarnings"]))
}

fn clippy(paths: &Paths) -> Command {
    let mut command = process::cargo();
    command.arg("clippy").current_dir(&paths.root);
    command
}
