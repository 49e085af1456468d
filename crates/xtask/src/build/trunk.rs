//! Calls trunk with our tools in front.

use std::process::Command;

use anyhow::Result;

use crate::places::Places;
use crate::process;
use crate::setup::tools::Tools;

/// `trunk <subcommand>` in the checkout. Trunk.toml holds the rest of its settings.
///
/// Not `--offline`: trunk hands that on to cargo, which then cannot fetch dependencies on a fresh
/// machine, or a new one while `serve` runs. With wasm-bindgen of the right version on PATH and
/// `wasm-opt` off, trunk itself has nothing left to download.
pub(crate) fn command(places: &Places, tools: &Tools, subcommand: &str) -> Result<Command> {
    let mut command = process::command(&tools.trunk);
    command
        .arg(subcommand)
        .current_dir(&places.root)
        .env("PATH", tools.path()?)
        .env("TRUNK_SKIP_VERSION_CHECK", "true");
    // trunk reads NO_COLOR as a flag and refuses the customary `1`.
    if std::env::var_os("NO_COLOR").is_some() {
        command.env("NO_COLOR", "true");
    }
    Ok(command)
}
