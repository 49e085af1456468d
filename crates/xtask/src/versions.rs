//! The tools' versions, all in one place, and how to read them.

use std::path::Path;

use anyhow::{Context, Result};

/// Serves and bundles. 0.22 asks for a newer compiler than rust-toolchain.toml names.
pub(crate) const TRUNK: &str = "0.21.14";

/// npm's `axe-core`, which looks for barriers on the page.
pub(crate) const AXE: &str = "4.14.1";

/// npm's `binaryen`, which has `wasm-opt`.
pub(crate) const BINARYEN: u32 = 132;

/// The oldest `wasm-opt` that is used when found on PATH. Debian's 108 is far too old: without a
/// word it makes modules that no browser loads ("WebAssembly.Table.set(): Argument 1 is invalid").
pub(crate) const BINARYEN_MIN: u32 = 116;

/// Debian's compiler with the sources of its `std`, for where rustup has no wasm target: kept
/// up to date for building the browsers, so it is new even on an old release.
pub(crate) const DEBIAN_RUST: &[&str] = &[
    "rustc-web",
    "cargo-web",
    "rust-web-src",
    "rust-web-llvm",
    "lld-22",
];

/// The version of `wasm-bindgen` that the lock file holds. The command-line tool must be of the
/// very same one, so it is read and never written down a second time.
pub(crate) fn wasm_bindgen(root: &Path) -> Result<String> {
    let path = root.join("Cargo.lock");
    let lock = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    locked(&lock, "wasm-bindgen")
        .map(str::to_owned)
        .context("Cargo.lock holds no wasm-bindgen")
}

fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let entry = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != entry);
    lines.next()?;
    quoted(lines.next()?.strip_prefix("version = ")?)
}

fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}

/// The version in what a tool prints for `--version`: `trunk 0.21.14` or
/// `wasm-bindgen 0.2.130 (abcdef)`.
pub(crate) fn printed(output: &str) -> Option<&str> {
    output
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
}

/// The major version in `wasm-opt version 132 (version_132)` or in npm's `132.0.0`.
pub(crate) fn printed_major(output: &str) -> Option<u32> {
    printed(output)?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_lock_file() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(locked(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked(lock, "wasm-bindgen-futures"), None);
    }

    #[test]
    fn reads_what_tools_print() {
        assert_eq!(printed("trunk 0.21.14\n"), Some("0.21.14"));
        assert_eq!(printed("wasm-bindgen 0.2.130 (a1b2)"), Some("0.2.130"));
        assert_eq!(printed("no version"), None);
        assert_eq!(printed_major("wasm-opt version 108"), Some(108));
        assert_eq!(
            printed_major("wasm-opt version 132 (version_132)"),
            Some(132)
        );
        assert_eq!(printed_major("132.0.0"), Some(132));
    }
}
