//! The standard library for `wasm32-unknown-unknown`, which rustup installs.

use std::path::Path;

use anyhow::{Result, bail, ensure};

use super::announce;
use crate::paths::Paths;
use crate::process;

/// The target's name.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Makes `cargo build --target wasm32-unknown-unknown` work: adds the target with rustup unless the
/// compiler in use already has it.
///
/// # Errors
///
/// Says how to install rustup where it is missing.
pub(crate) fn ensure(paths: &Paths) -> Result<()> {
    if compiler_has_target(paths) {
        return Ok(());
    }
    if which::which("rustup").is_err() {
        bail!(
            "the Rust compiler cannot build for {WASM}, and rustup is not installed; \
             install rustup from https://rustup.rs and run this command again"
        );
    }
    announce(format_args!("rustup target add {WASM}"));
    process::output(
        process::command("rustup")
            .args(["target", "add", WASM])
            .current_dir(&paths.root),
    )?;
    ensure!(
        compiler_has_target(paths),
        "rustup added {WASM}, but the rustc on PATH does not find it; \
         put rustup's folder (~/.cargo/bin) first on PATH"
    );
    Ok(())
}

fn compiler_has_target(paths: &Paths) -> bool {
    process::output(
        process::command("rustc")
            .args(["--print", "target-libdir", "--target", WASM])
            .current_dir(&paths.root),
    )
    .is_ok_and(|folder| contains_std(Path::new(folder.trim())))
}

/// Whether a library folder contains the compiled standard library.
fn contains_std(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| is_std(&entry.file_name().to_string_lossy()))
    })
}

fn is_std(file_name: &str) -> bool {
    file_name.starts_with("libstd-") && file_name.ends_with(".rlib")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_std_accepts_the_rlib_only() {
        assert!(is_std("libstd-723a93f9dad40af0.rlib"));
        assert!(!is_std("libstd_detect-abbd0c350ca3728b.rlib"));
        assert!(!is_std("libstd-723a93f9dad40af0.rmeta"));
    }

    #[test]
    fn contains_std_is_false_for_empty_and_absent_folders() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!contains_std(folder.path()));
        assert!(!contains_std(&folder.path().join("absent")));
        std::fs::write(folder.path().join("libstd-1.rlib"), "").unwrap();
        assert!(contains_std(folder.path()));
    }
}
