//! Splits a module before its bindings are written.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_split_cli_support::{Options, transform};

use super::{FOLDER, LOADER, PROGRAMS};
use crate::build::bindings::Bindings;
use crate::paths::Paths;
use crate::versions;

/// The name of the program that is replaced.
const REPLACED: &str = "wasm-bindgen";

/// Puts this program in place of wasm-bindgen. Returns the folder that must be first on PATH.
///
/// # Errors
///
/// If this program cannot be copied there.
pub(crate) fn install(paths: &Paths) -> Result<PathBuf> {
    let folder = paths.tools().join("split");
    let replacement = folder.join(format!("{REPLACED}{}", std::env::consts::EXE_SUFFIX));
    std::fs::create_dir_all(&folder)?;
    if replacement.exists() {
        std::fs::remove_file(&replacement)?;
    }
    let this = std::env::current_exe()?;
    std::fs::hard_link(&this, &replacement)
        .or_else(|_| std::fs::copy(&this, &replacement).map(drop))
        .with_context(|| format!("cannot write {}", replacement.display()))?;
    Ok(folder)
}

/// Whether this process was started as `wasm-bindgen`.
pub(crate) fn is_wasm_bindgen() -> bool {
    std::env::args_os()
        .next()
        .is_some_and(|program| Path::new(&program).file_stem() == Some(REPLACED.as_ref()))
}

/// Does what `wasm-bindgen` does with the arguments of this process. A module that has chunks is split first.
///
/// # Errors
///
/// If an argument is unexpected, an environment variable is missing, the module cannot be split, or its bindings cannot
/// be written.
pub(crate) fn wasm_bindgen() -> Result<()> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments
        .get(1)
        .is_some_and(|argument| argument == "--version")
    {
        println!("{REPLACED} {}", versions::WASM_BINDGEN);
        return Ok(());
    }
    let mut bindings = Bindings::parse_arguments(arguments.into_iter())?;
    if let Some(program) = program(&bindings.module) {
        let folder = std::env::var_os(FOLDER)
            .with_context(|| format!("{FOLDER} is not set: see split.rs"))?;
        let main = split(
            program,
            &bindings.module,
            &PathBuf::from(folder).join(program),
        )
        .with_context(|| format!("cannot split {}", bindings.module.display()))?;
        bindings.module = main;
        // The chunks import the function table, which the linker exports.
        bindings.keep_linker_exports = true;
    }
    bindings.write()
}

/// The program of which this is the module, if it has chunks.
fn program(module: &Path) -> Option<&'static str> {
    let is_module = |program: &&str| module.ends_with(format!("{program}.wasm"));
    PROGRAMS.into_iter().find(is_module)
}

/// Splits a program's `module` into chunks in `folder`. Returns the path of the main part.
fn split(program: &str, module: &Path, folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        // Chunks of an earlier build.
        std::fs::remove_dir_all(folder)?;
    }
    let main = folder.join("main").join(format!("{program}.wasm"));
    std::fs::create_dir_all(folder.join("main"))?;
    let input = std::fs::read(module)?;
    let main_module = format!("./{program}.js");
    let mut options = Options::new(&input);
    options.output_dir = folder;
    options.main_out_path = &main;
    options.main_module = &main_module;
    options.link_name = LOADER;
    let result = transform(options).map_err(|error| anyhow!("{error:#}"))?;
    ensure!(
        !result.split_modules.is_empty(),
        "{program} has no chunks: the module was linked without {FOLDER} in the environment"
    );
    Ok(main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_is_known_by_the_whole_file_name() {
        let of = |path: &str| program(Path::new(path));
        assert_eq!(of("target/release/engine-flex.wasm"), Some("engine-flex"));
        assert_eq!(of("page.wasm"), Some("page"));
        for other in ["intake.wasm", "homepage.wasm", "engine-flex.js", "page"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
