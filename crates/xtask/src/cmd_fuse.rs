//! `cargo xtask fuse`: what Trunk.toml has done to each build, so that `trunk serve` alone does it, too.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::build::fuse;

/// Where.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder of a build; trunk names it in TRUNK_STAGING_DIR
    dist: Option<PathBuf>,
}

/// Writes the contracted modules beside the plain ones.
pub(crate) fn run(args: &Args) -> Result<()> {
    let named = || std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from);
    let dist = args.dist.clone().or_else(named);
    fuse::run(&dist.context("name the folder of a build")?)
}
