//! Our engine for the bench: the program `contender` of the package `tests`, once for each backend, treated like
//! the engines of the page.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::build::{fuse, optimise};
use crate::places::Places;
use crate::process;
use crate::setup::tools;
use crate::setup::wasm_opt;
use crate::setup::wasm_target::{self, WASM};

/// The backends, each a program. With `bench`, the environment variable `ELBO_BENCH_BACKENDS` names fewer.
pub(crate) const BACKENDS: [&str; 3] = ["flex", "ndarray", "webgpu"];

/// Builds into `folder`.
pub(super) fn build(places: &Places, folder: &Path, quick: bool, backends: &[&str]) -> Result<()> {
    wasm_target::ensure(places)?;
    let tools = tools::ensure(places)?;
    // What an earlier run built would be timed as if it were of today.
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    for backend in BACKENDS.iter().filter(|name| backends.contains(name)) {
        let module = compile(places, backend)?;
        process::output(
            process::command(&tools.wasm_bindgen)
                .args(["--target", "web", "--no-typescript", "--out-name"])
                .arg(format!("contender-{backend}"))
                .arg("--out-dir")
                .arg(folder)
                .arg(module),
        )?;
    }
    if !quick {
        match wasm_opt::ensure(places) {
            Ok(wasm_opt) => optimise::run(places, folder, &wasm_opt)?,
            Err(error) => eprintln!("warning: timing without wasm-opt: {error:#}"),
        }
    }
    fuse::run_on(
        &["flex", "ndarray"].map(|backend| folder.join(format!("contender-{backend}_bg.wasm"))),
    )
}

fn compile(places: &Places, backend: &str) -> Result<PathBuf> {
    process::run(
        process::cargo()
            .args(["build", "--release", "--target", WASM])
            .args(["--package", "tests", "--bin", "contender"])
            .args(["--no-default-features", "--features"])
            .arg(format!("contender,{backend}"))
            .current_dir(&places.root),
    )
    .with_context(|| format!("cannot build the contender on {backend}"))?;
    Ok(places
        .target
        .join(WASM)
        .join("release")
        .join("contender.wasm"))
}
