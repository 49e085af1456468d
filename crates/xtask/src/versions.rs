//! The versions of all tools, and functions that read versions.

/// Serves and bundles the page. 0.22 requires a newer compiler than rust-toolchain.toml has.
pub(crate) const TRUNK: &str = "0.21.14";

/// npm's `axe-core`, which checks the page's accessibility.
pub(crate) const AXE: &str = "4.14.1";

/// Checks the licences and the advisories of dependencies.
pub(crate) const CARGO_DENY: &str = "0.20.2";

/// Compiles the fuzz targets.
pub(crate) const CARGO_FUZZ: &str = "0.13.2";

/// Drives Firefox.
pub(crate) const GECKODRIVER: &str = "0.37.1";

/// npm's `binaryen`, which contains `wasm-opt`.
pub(crate) const BINARYEN: u32 = 132;

/// The oldest `wasm-opt` that is accepted on PATH. Debian's 108 is too old: it reports no error, but
/// no browser loads its output ("WebAssembly.Table.set(): Argument 1 is invalid").
pub(crate) const BINARYEN_MIN: u32 = 116;

/// The crate `wasm-bindgen`, the library that writes its bindings and its test runner, which must be equal.
pub(crate) const WASM_BINDGEN: &str = "0.2.130";

/// The version in a tool's output of `--version`, such as `trunk 0.21.14` or
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

    fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
        let entry = format!("name = \"{package}\"");
        let mut lines = lock.lines().skip_while(|line| *line != entry);
        lines.next()?;
        quoted(lines.next()?.strip_prefix("version = ")?)
    }

    fn quoted(text: &str) -> Option<&str> {
        text.strip_prefix('"')?.strip_suffix('"')
    }

    #[test]
    fn wasm_bindgen_is_the_locked_version() {
        let lock = include_str!("../../../Cargo.lock");
        for package in ["wasm-bindgen", "wasm-bindgen-cli-support"] {
            assert_eq!(
                locked_version(lock, package),
                Some(WASM_BINDGEN),
                "{package}"
            );
        }
    }

    #[test]
    fn locked_version_matches_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.1\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm-bindgen-futures"), None);
    }

    #[test]
    fn printed_finds_versions() {
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
