//! Calls trunk, with this program as its wasm-bindgen.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::chunks;
use crate::paths::Paths;
use crate::process;

/// Set for the post-build hook of a build that is published: its page has the Content-Security-Policy. A served one
/// has not, because the policy blocks the inline script that trunk adds for reloading.
pub(crate) const PUBLISH: &str = "ELBO_ROOM_PUBLISH";

/// `trunk <subcommand>` in the checkout. Trunk.toml has its other settings.
///
/// Without `--offline`: trunk passes it on to cargo, which then cannot fetch dependencies. trunk
/// itself downloads nothing, because wasm-bindgen is on PATH and `wasm-opt` is off. Modules are split into chunks
/// ([`chunks`]).
pub(crate) fn command(paths: &Paths, trunk: &Path, subcommand: &str) -> Result<Command> {
    let mut command = process::command(trunk);
    command
        .arg(subcommand)
        .current_dir(&paths.root)
        .env("TRUNK_SKIP_VERSION_CHECK", "true");
    let splitter = chunks::install(paths)?;
    set_program_env(paths, &mut command);
    command.env("PATH", process::path_with(&[&splitter])?);
    if subcommand == "build" {
        command.env(PUBLISH, "true");
    }
    // trunk parses NO_COLOR as a boolean and rejects the conventional value `1`.
    if std::env::var_os("NO_COLOR").is_some() {
        command.env("NO_COLOR", "true");
    }
    Ok(command)
}

/// Sets what the build scripts of the page's programs watch, for trunk and for cargo.
pub(crate) fn set_program_env<'a>(paths: &Paths, command: &'a mut Command) -> &'a mut Command {
    command.env(chunks::FOLDER, paths.target.join("chunks"))
}
