//! A compiler that can build for `wasm32-unknown-unknown`.
//!
//! Tried in this order: the toolchain in use has the target; a sysroot built earlier; rustup adds
//! the target; the distribution's compiler with a `std` built from its sources. The last one is
//! for machines that reach their distribution's packages and crates.io, but not rustup's server.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

use super::sysroot::{Distribution, has_std};
use super::{announce, apt, local_config};
use crate::places::Places;
use crate::{process, versions};

/// The target's name.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Which compiler plain cargo uses in this checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compiler {
    /// The toolchain of rust-toolchain.toml, for everything.
    Toolchain,
    /// The distribution's, for everything but clippy and rustfmt, which it does not have.
    Distribution,
}

/// Sees to it that plain `cargo build --target wasm32-unknown-unknown` works.
pub(crate) fn ensure(places: &Places) -> Result<Compiler> {
    if toolchain_has_target(places) {
        local_config::remove(places)?;
        return Ok(Compiler::Toolchain);
    }
    let debian = Distribution::debian();
    if let Some(sysroot) = built_earlier(places, &debian) {
        local_config::write(places, &debian.rustc, &sysroot)?;
        return Ok(Compiler::Distribution);
    }
    let Err(no_rustup) = rustup_target_add(places) else {
        local_config::remove(places)?;
        return Ok(Compiler::Toolchain);
    };
    if !apt::is_debian_like() {
        return Err(no_rustup.context(format!("no Rust compiler here can build for {WASM}; {HOW}")));
    }
    apt::ensure(versions::DEBIAN_RUST)
        .with_context(|| format!("no Rust compiler here can build for {WASM}; {HOW}"))?;
    announce(format_args!(
        "using the distribution's compiler instead, as {no_rustup:#}"
    ));
    let sysroot = places.sysroot();
    debian.make(places, &sysroot)?;
    local_config::write(places, &debian.rustc, &sysroot)?;
    Ok(Compiler::Distribution)
}

const HOW: &str = "either let `rustup target add wasm32-unknown-unknown` succeed, \
    or install your distribution's wasm target for Rust \
    (Fedora: rust-std-static-wasm32-unknown-unknown, Arch: rust-wasm)";

fn built_earlier(places: &Places, distribution: &Distribution) -> Option<std::path::PathBuf> {
    local_config::sysroot(places)
        .into_iter()
        .chain([places.sysroot()])
        .find(|sysroot| distribution.made(sysroot))
}

/// Asks the compiler on PATH, whatever `.cargo/local.toml` says.
fn toolchain_has_target(places: &Places) -> bool {
    process::output(
        process::command("rustc")
            .args(["--print", "target-libdir", "--target", WASM])
            .current_dir(&places.root),
    )
    .is_ok_and(|folder| has_std(Path::new(folder.trim())))
}

fn rustup_target_add(places: &Places) -> Result<()> {
    if which::which("rustup").is_err() {
        bail!("rustup is not installed");
    }
    announce(format_args!("rustup target add {WASM}"));
    process::output(
        process::command("rustup")
            .args(["target", "add", WASM])
            .current_dir(&places.root)
            // A failure is expected on some machines, and one line tells it.
            .env("RUST_BACKTRACE", "0"),
    )?;
    if !toolchain_has_target(places) {
        return Err(anyhow!(
            "rustup says it added {WASM}, but rustc does not find it"
        ));
    }
    Ok(())
}

/// Rustup's own compiler for this checkout, which clippy must be told of where
/// `.cargo/local.toml` names another one.
pub(crate) fn rustup_rustc(places: &Places) -> Result<std::path::PathBuf> {
    let path = process::output(
        process::command("rustup")
            .args(["which", "rustc"])
            .current_dir(&places.root),
    )?;
    Ok(path.trim().into())
}
