//! `cargo xtask check`: what is quick enough to run before each commit.

use anyhow::Result;

use crate::places::Places;
use crate::setup::wasm_target;
use crate::{clippy, process};

/// Stops at the first failure.
pub(crate) fn run(places: &Places) -> Result<()> {
    let compiler = wasm_target::ensure(places)?;
    process::run(
        process::cargo()
            .args(["fmt", "--all", "--check"])
            .current_dir(&places.root),
    )?;
    clippy::run(places, compiler)?;
    process::run(
        process::cargo()
            .args(["test", "--workspace", "--exclude", "tests"])
            .current_dir(&places.root),
    )
}
