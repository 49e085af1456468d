//! `cargo xtask setup`: installs everything that the other commands install on demand.

use anyhow::Result;

use crate::paths::Paths;
use crate::setup::{axe, chromium, test_runner, trunk, vulkan, wasm_opt, wasm_target};

/// Installs what is missing.
pub(crate) fn run(paths: &Paths) -> Result<()> {
    wasm_target::ensure(paths)?;
    trunk::ensure(paths)?;
    test_runner::ensure(paths)?;
    chromium::ensure()?;
    vulkan::ensure()?;
    wasm_opt::ensure(paths)?;
    axe::ensure(paths)?;
    Ok(())
}
