//! `wasm-opt`: the one on PATH if it is new enough, otherwise from npm's package `binaryen`, which
//! runs on node.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::npm;
use crate::paths::Paths;
use crate::{process, versions};

/// Its npm package.
const PACKAGE: &str = "binaryen";

/// A `wasm-opt` of a supported version.
#[derive(Debug)]
pub(crate) struct WasmOpt {
    /// The program.
    pub(crate) program: PathBuf,
    /// Binaryen's release.
    pub(crate) version: u32,
}

/// Finds or installs `wasm-opt`.
///
/// # Errors
///
/// Says why there is none; a build can continue without it.
pub(crate) fn ensure(paths: &Paths) -> Result<WasmOpt> {
    let too_old = match on_path() {
        Some(found) if found.version >= versions::BINARYEN_MIN => return Ok(found),
        found => found,
    };
    if let Some(found) = from_npm(paths) {
        return Ok(found);
    }
    npm::install(paths, PACKAGE, &versions::BINARYEN.to_string()).with_context(
        || match too_old {
            Some(old) => format!(
                "wasm-opt {} on PATH is too old ({} is required)",
                old.version,
                versions::BINARYEN_MIN
            ),
            None => "wasm-opt is not on PATH".to_owned(),
        },
    )?;
    from_npm(paths).context("npm installed binaryen, but wasm-opt is missing from the package")
}

fn on_path() -> Option<WasmOpt> {
    let program = which::which("wasm-opt").ok()?;
    let output = process::output(process::command(&program).arg("--version")).ok()?;
    Some(WasmOpt {
        version: versions::printed_major(&output)?,
        program,
    })
}

/// Reads the version from package.json: `wasm-opt --version` takes a second on node.
fn from_npm(paths: &Paths) -> Option<WasmOpt> {
    let version = versions::printed_major(&npm::version(paths, PACKAGE)?)?;
    let folder = npm::modules(paths).join(".bin");
    let program = which::which_in("wasm-opt", Some(folder), &paths.root).ok()?;
    (version == versions::BINARYEN && which::which("node").is_ok())
        .then_some(WasmOpt { program, version })
}
