//! `cargo xtask fuse`: the hook that Trunk.toml runs after each build, so that plain `trunk serve` has the
//! contracted modules, too.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::build::fuse;

/// Which build to process.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The build's folder; trunk sets it in TRUNK_STAGING_DIR
    dist: Option<PathBuf>,
}

/// Writes the contracted modules beside the plain ones.
pub(crate) fn run(args: &Args) -> Result<()> {
    let from_trunk = || std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from);
    let dist = args.dist.clone().or_else(from_trunk);
    fuse::run(&dist.context("missing argument: the folder of a build")?)
}
