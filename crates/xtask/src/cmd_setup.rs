//! `cargo xtask setup`: everything that the other commands would install on the way.

use anyhow::Result;

use crate::places::Places;
use crate::setup::{axe, chromium, tools, vulkan, wasm_opt, wasm_target};

/// Installs.
pub(crate) fn run(places: &Places) -> Result<()> {
    wasm_target::ensure(places)?;
    tools::ensure(places)?;
    chromium::ensure()?;
    vulkan::ensure()?;
    wasm_opt::ensure(places)?;
    axe::ensure(places)?;
    Ok(())
}
