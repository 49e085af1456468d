//! `cargo xtask post-build`: the hook that Trunk.toml runs after each build, so that plain `trunk serve` and
//! `trunk build` have its results, too.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::build::{chunks, first_digit, fuse, inline_code, policy, served_page, trunk};

/// Which build to process.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The build's folder; trunk sets it in TRUNK_STAGING_DIR
    dist: Option<PathBuf>,
}

/// Adds the chunks, writes the contracted modules beside the plain ones, lets the page's program wait for the first
/// digit, and moves inline code to files.
pub(crate) fn run(args: &Args) -> Result<()> {
    let from_trunk = || std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from);
    let dist = args.dist.clone().or_else(from_trunk);
    let dist = dist.context("missing argument: the folder of a build")?;
    if let Some(folder) = std::env::var_os(chunks::FOLDER) {
        chunks::publish(&dist, Path::new(&folder))?;
    }
    fuse::run(&dist)?;
    first_digit::run(&dist)?;
    inline_code::run(&dist)?;
    if std::env::var_os(trunk::PUBLISH).is_some() {
        policy::add(&dist)?;
    }
    if let Some(target) = std::env::var_os(served_page::SERVED_BUILD) {
        served_page::set_built(Path::new(&target))?;
    }
    Ok(())
}
