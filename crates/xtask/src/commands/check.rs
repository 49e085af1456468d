//! `cargo xtask check`: checks that are fast enough to run before each commit.

use anyhow::Result;

use crate::checks::{clippy, dependencies, document_paths, documentation, licenses, module_cycles};
use crate::paths::Paths;
use crate::setup::wasm_target;
use crate::{process, workspace};

/// What to leave out.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Skip the native tests
    #[arg(long)]
    no_tests: bool,
}

/// Runs the checks in order of their duration and stops at the first failure.
pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    println!("{}", dependencies::run(&paths.root)?);
    println!("{}", module_cycles::run(&paths.root)?);
    println!("{}", document_paths::run(&paths.root)?);
    println!("{}", licenses::run(&paths.root)?);
    process::run(
        process::cargo()
            .args(["fmt", "--all", "--check"])
            .current_dir(&paths.root),
    )?;
    wasm_target::ensure(paths)?;
    clippy::run(paths)?;
    clippy::run_contender(paths)?;
    documentation::run(paths)?;
    if args.no_tests {
        return Ok(());
    }
    // Without the WebGPU tests, which are slow without a GPU; `cargo xtask test` runs them.
    let mut tests = workspace::cargo(paths, "test");
    process::run(tests.args([
        "--",
        "--skip",
        workspace::E2E_PREFIX,
        "--skip",
        "_on_webgpu",
    ]))
}
