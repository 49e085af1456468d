//! `cargo xtask wasm-tests`: what cargo hands a wasm test to. It runs twice in the browser, as it was compiled
//! and with its multiply-adds contracted, since the page runs on either.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::build::fuse;
use crate::process;

/// Which test, and by what.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// wasm-bindgen-test-runner
    runner: PathBuf,
    /// The compiled test
    module: PathBuf,
    /// What else the runner takes
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// Runs both.
pub(crate) fn run(args: &Args) -> Result<()> {
    let runner = |module: &PathBuf| {
        let mut command = Command::new(&args.runner);
        command.arg(module).args(&args.rest);
        command
    };
    println!("plain SIMD:");
    process::run(&mut runner(&args.module))?;
    let bytes = std::fs::read(&args.module)
        .with_context(|| format!("cannot read {}", args.module.display()))?;
    let (fused, count) = fuse::fuse(&bytes)?;
    ensure!(count > 0, "there is no multiply-add to contract");
    let module = args.module.with_extension("fused.wasm");
    std::fs::write(&module, fused)?;
    println!("relaxed SIMD, {count} fused multiply-adds:");
    process::run(&mut runner(&module))
}
