//! `.cargo/local.toml`: tells cargo to use the distribution's compiler with our own sysroot.
//!
//! `.cargo/config.toml` includes it where it exists, so that plain `cargo build` and
//! `trunk serve` work, too. All of cargo then uses that compiler, for the host as well: two
//! compilers taking turns would each rebuild what the other one built.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::announce;
use crate::places::Places;

/// Writes it, unless it already says so.
pub(super) fn write(places: &Places, rustc: &Path, sysroot: &Path) -> Result<()> {
    let path = places.local_config();
    let text = render(rustc, sysroot)?;
    if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    announce(format_args!("writing {}", places.show(&path)));
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// Removes it, where the toolchain in use has become able to build for wasm itself.
pub(super) fn remove(places: &Places) -> Result<()> {
    let path = places.local_config();
    if path.exists() {
        announce(format_args!(
            "removing {}, as this toolchain has its own wasm target",
            places.show(&path)
        ));
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// The sysroot that it names. Another target folder's is as good as ours: following it keeps
/// people who share a checkout from rebuilding each other's work.
pub(super) fn sysroot(places: &Places) -> Option<PathBuf> {
    parse_sysroot(&std::fs::read_to_string(places.local_config()).ok()?)
}

fn render(rustc: &Path, sysroot: &Path) -> Result<String> {
    // The documentation's examples are compiled too, and only by the rustdoc of the same version.
    let rustdoc = rustc.with_file_name("rustdoc");
    let (Some(rustc), Some(rustdoc), Some(sysroot)) =
        (rustc.to_str(), rustdoc.to_str(), sysroot.to_str())
    else {
        bail!("a path that is not UTF-8 cannot stand in .cargo/local.toml");
    };
    if [rustc, sysroot]
        .iter()
        .any(|path| path.contains(['"', '\\']))
    {
        bail!("a path with quotes or backslashes cannot stand in .cargo/local.toml");
    }
    Ok(format!(
        "# Written by `cargo xtask`, for this machine only.\n\
         [build]\n\
         rustc = \"{rustc}\"\n\
         rustdoc = \"{rustdoc}\"\n\
         \n\
         [target.wasm32-unknown-unknown]\n\
         rustflags = [\"--sysroot={sysroot}\"]\n"
    ))
}

fn parse_sysroot(text: &str) -> Option<PathBuf> {
    let (_, rest) = text.split_once("\"--sysroot=")?;
    let (sysroot, _) = rest.split_once('"')?;
    Some(PathBuf::from(sysroot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        let text = render(Path::new("/usr/bin/rustc"), Path::new("/t/wasm-sysroot")).unwrap();
        assert!(text.contains("\nrustc = \"/usr/bin/rustc\"\n"), "{text}");
        assert!(
            text.contains("\nrustdoc = \"/usr/bin/rustdoc\"\n"),
            "{text}"
        );
        assert_eq!(parse_sysroot(&text), Some(PathBuf::from("/t/wasm-sysroot")));
    }

    #[test]
    fn refuses_what_toml_would_misread() {
        assert!(render(Path::new("/a\"b"), Path::new("/t")).is_err());
    }
}
