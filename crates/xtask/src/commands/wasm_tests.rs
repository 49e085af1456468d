//! `cargo xtask wasm-tests`: cargo's runner for wasm tests. It runs each test module twice in the browser,
//! as compiled and with contracted multiply-adds, since the page uses both.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::build::fuse;
use crate::process;

/// The test module and its runner.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// wasm-bindgen-test-runner
    runner: PathBuf,
    /// The compiled test
    module: PathBuf,
    /// Further arguments for the runner
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// Runs both modules.
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
    ensure!(count > 0, "the module has no multiply-add to contract");
    let module = args.module.with_extension("fused.wasm");
    std::fs::write(&module, fused)?;
    println!("relaxed SIMD, {count} fused multiply-adds:");
    process::run(&mut runner(&module))
}
