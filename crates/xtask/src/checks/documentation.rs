//! rustdoc on the whole workspace, so that no link in a comment is broken.

use std::process::Command;

use anyhow::Result;

use super::WASM_PACKAGES;
use crate::paths::Paths;
use crate::setup::wasm_target::WASM;
use crate::{process, workspace};

/// Documents private items, too; every warning is an error. Packages for the browser are documented for
/// wasm only, since their documentation links to modules that are absent from native builds.
pub(crate) fn run(paths: &Paths) -> Result<()> {
    let mut native = rustdoc(paths);
    native.args(["--workspace", "--features", workspace::ALL_TEST_FEATURES]);
    for (package, _) in WASM_PACKAGES {
        native.args(["--exclude", package]);
    }
    process::run(&mut native)?;
    for (package, features) in WASM_PACKAGES {
        let mut wasm = rustdoc(paths);
        wasm.args(["--target", WASM, "--package", package])
            .args(*features);
        process::run(&mut wasm)?;
    }
    Ok(())
}

fn rustdoc(paths: &Paths) -> Command {
    let mut command = process::cargo();
    command
        .args(["doc", "--no-deps", "--document-private-items"])
        .current_dir(&paths.root)
        // Links to private items work, since private items are documented.
        .env(
            "RUSTDOCFLAGS",
            "-Dwarnings -Arustdoc::private_intra_doc_links",
        );
    command
}
