//! `wasm-opt`: PATH's own where it is new enough, else npm's `binaryen`, which runs on node.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::npm;
use crate::places::Places;
use crate::{process, versions};

/// Its package.
const PACKAGE: &str = "binaryen";

/// A `wasm-opt` that can be trusted.
#[derive(Debug)]
pub(crate) struct WasmOpt {
    /// The program.
    pub(crate) program: PathBuf,
    /// Binaryen's release.
    pub(crate) version: u32,
}

/// Finds or installs it.
///
/// # Errors
///
/// Says why there is none; a build can go on without.
pub(crate) fn ensure(places: &Places) -> Result<WasmOpt> {
    let too_old = match on_path() {
        Some(found) if found.version >= versions::BINARYEN_MIN => return Ok(found),
        found => found,
    };
    if let Some(found) = from_npm(places) {
        return Ok(found);
    }
    npm::install(places, PACKAGE, &versions::BINARYEN.to_string()).with_context(
        || match too_old {
            Some(old) => format!(
                "wasm-opt {} on PATH is too old to be trusted (needs {})",
                old.version,
                versions::BINARYEN_MIN
            ),
            None => "there is no wasm-opt on PATH".to_owned(),
        },
    )?;
    from_npm(places).context("npm installed binaryen, but it has no wasm-opt")
}

fn on_path() -> Option<WasmOpt> {
    let program = which::which("wasm-opt").ok()?;
    let output = process::output(process::command(&program).arg("--version")).ok()?;
    Some(WasmOpt {
        version: versions::printed_major(&output)?,
        program,
    })
}

/// Reads the version from the package: asking the program costs a second of node's time.
fn from_npm(places: &Places) -> Option<WasmOpt> {
    let version = versions::printed_major(&npm::version(places, PACKAGE)?)?;
    let folder = npm::modules(places).join(".bin");
    let program = which::which_in("wasm-opt", Some(folder), &places.root).ok()?;
    (version == versions::BINARYEN && which::which("node").is_ok())
        .then_some(WasmOpt { program, version })
}
