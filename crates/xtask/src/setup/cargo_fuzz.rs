//! cargo-fuzz, which compiles the fuzz targets, and the nightly toolchain that it needs.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::cargo_install::Package;
use crate::paths::Paths;
use crate::{process, versions};

/// The toolchain that has a fuzzer's instrumentation.
pub(crate) const NIGHTLY: &str = "nightly";

/// The path of `cargo-fuzz`, installed if it is missing. The toolchain is not installed: it is the user's decision.
pub(crate) fn ensure(paths: &Paths) -> Result<PathBuf> {
    process::output(process::command("rustup").args(["run", NIGHTLY, "rustc", "--version"]))
        .context("fuzzing needs a nightly toolchain: run `rustup toolchain install nightly --profile minimal`")?;
    let [program] = Package {
        name: "cargo-fuzz",
        version: versions::CARGO_FUZZ.to_owned(),
        opt_level: "1",
    }
    .ensure(paths, ["cargo-fuzz"])?;
    Ok(program)
}
