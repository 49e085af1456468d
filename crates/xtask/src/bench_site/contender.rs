//! The program `contender` of the package `tests`: our engine without the page, built once for each backend with
//! the same optimizations as the page's engines.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::build::bindings::Bindings;
use crate::build::{fuse, optimize};
use crate::paths::Paths;
use crate::process;
use crate::setup::wasm_opt;
use crate::setup::wasm_target::{self, WASM};

/// The backends that the program is built for. The environment variable `ELBO_BENCH_BACKENDS` restricts
/// `cargo xtask bench` to some of them.
pub(crate) const BACKENDS: [&str; 3] = ["flex", "ndarray", "webgpu"];

/// Builds the programs into `folder`.
pub(super) fn build(paths: &Paths, folder: &Path, quick: bool, backends: &[&str]) -> Result<()> {
    wasm_target::ensure(paths)?;
    // Remove the modules of earlier runs; the benchmark would measure them.
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    for backend in BACKENDS.iter().filter(|name| backends.contains(name)) {
        let module = compile(paths, backend)?;
        Bindings::of_module(module, folder.to_owned(), format!("contender-{backend}")).write()?;
    }
    if !quick {
        match wasm_opt::ensure(paths) {
            Ok(wasm_opt) => optimize::run(paths, folder, &wasm_opt)?,
            Err(error) => eprintln!("warning: timing without wasm-opt: {error:#}"),
        }
    }
    fuse::run_on(
        &["flex", "ndarray"].map(|backend| folder.join(format!("contender-{backend}_bg.wasm"))),
    )
}

fn compile(paths: &Paths, backend: &str) -> Result<PathBuf> {
    process::run(
        process::cargo()
            .args(["build", "--release", "--target", WASM])
            .args(["--package", "tests", "--bin", "contender"])
            .args(["--no-default-features", "--features"])
            .arg(format!("contender,{backend}"))
            .current_dir(&paths.root),
    )
    .with_context(|| format!("cannot build the contender on {backend}"))?;
    Ok(paths
        .target
        .join(WASM)
        .join("release")
        .join("contender.wasm"))
}
