//! rustdoc on the whole workspace, so that no link in a comment is broken.

use std::process::Command;

use anyhow::Result;

use super::WASM_PACKAGES;
use crate::paths::Paths;
use crate::setup::wasm_target::WASM;
use crate::{process, workspace};

/// Documents private items, too, natively and for wasm; every warning is an error.
pub(crate) fn run(paths: &Paths) -> Result<()> {
    let mut native = rustdoc(paths);
    native.args(["--workspace", "--features", workspace::ALL_TEST_FEATURES]);
    process::run(&mut native)?;
    for package in WASM_PACKAGES {
        process::run(rustdoc(paths).args(["--target", WASM]).args(*package))?;
    }
    Ok(())
}

fn rustdoc(paths: &Paths) -> Command {
    let mut command = process::cargo();
    command
        .args(["doc", "--no-deps", "--document-private-items"])
        .current_dir(&paths.root)
        .env("RUSTDOCFLAGS", "-Dwarnings");
    command
}
