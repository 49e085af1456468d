//! `cargo xtask check`: what is quick enough to run before each commit.

use anyhow::Result;

use crate::places::Places;
use crate::setup::wasm_target;
use crate::{clippy, native, process};

/// Stops at the first failure.
pub(crate) fn run(places: &Places) -> Result<()> {
    let compiler = wasm_target::ensure(places)?;
    process::run(
        process::cargo()
            .args(["fmt", "--all", "--check"])
            .current_dir(&places.root),
    )?;
    clippy::run(places, compiler)?;
    // WebGPU without a GPU is slow; `cargo xtask test` runs it.
    let mut quick = native::command(places, "test");
    process::run(quick.args(["--", "--skip", native::E2E, "--skip", "webgpu_"]))
}
