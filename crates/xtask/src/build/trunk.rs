//! Calls trunk with the installed tools first on PATH.

use std::process::Command;

use anyhow::Result;

use super::chunks;
use crate::paths::Paths;
use crate::process;
use crate::setup::tools::Tools;

/// Set for the post-build hook of a build that is published: its page has the Content-Security-Policy. A served one
/// has not, because the policy blocks the inline script that trunk adds for reloading.
pub(crate) const PUBLISH: &str = "ELBO_ROOM_PUBLISH";

/// `trunk <subcommand>` in the checkout. Trunk.toml has its other settings.
///
/// Without `--offline`: trunk passes it on to cargo, which then cannot fetch dependencies. trunk
/// itself downloads nothing, because wasm-bindgen is on PATH and `wasm-opt` is off. Modules are split into chunks
/// ([`chunks`]).
pub(crate) fn command(paths: &Paths, tools: &Tools, subcommand: &str) -> Result<Command> {
    let mut command = process::command(&tools.trunk);
    command
        .arg(subcommand)
        .current_dir(&paths.root)
        .env("TRUNK_SKIP_VERSION_CHECK", "true");
    let splitter = chunks::install(paths, &tools.wasm_bindgen, &mut command)?;
    command.env("PATH", tools.path_after(&splitter)?);
    if subcommand == "build" {
        command.env(PUBLISH, "true");
    }
    // trunk parses NO_COLOR as a boolean and rejects the conventional value `1`.
    if std::env::var_os("NO_COLOR").is_some() {
        command.env("NO_COLOR", "true");
    }
    Ok(command)
}
