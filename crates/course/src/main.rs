//! Converts the chapters in `www/learn/` to JSON files in the folder `learn` of a build. Trunk calls it after each
//! build and sets `TRUNK_STAGING_DIR`; otherwise the build's folder is the argument.

use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let argument = std::env::args_os().nth(1).map(PathBuf::from);
    let dist = argument
        .or_else(|| std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from))
        .context("missing argument: the folder of a build")?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/learn");
    course::convert::write(&source, &dist.join("learn"))
}
