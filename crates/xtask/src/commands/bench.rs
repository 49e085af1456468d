//! `cargo xtask bench`: measures the optimized page in the browser, or the engine beside other libraries.

use anyhow::Result;

use super::build;
use crate::paths::Paths;
use crate::setup::chromium;
use crate::{bench_site, process, workspace};

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Measure dist/ as it is, without building it first
    #[arg(long)]
    no_build: bool,
    /// Arguments for the benchmark itself (`--help` lists them)
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    bench: Vec<String>,
}

/// Builds the page and runs the benchmark.
pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    let browser = chromium::ensure()?;
    if !args.no_build {
        build::run(paths, &build::Args::default())?;
    }
    // The benchmark parses its arguments; they are searched here only to build what it needs.
    let mentions = |word: &str| {
        let mut words = args.bench.iter().flat_map(|arg| arg.split([',', '=']));
        words.any(|found| found == word)
    };
    let site = if mentions("peers") || mentions("objectives") {
        let selected = std::env::var("ELBO_BENCH_BACKENDS").ok();
        let selected: Option<Vec<&str>> = selected.as_ref().map(|list| list.split(',').collect());
        let backends = selected.as_deref().unwrap_or(&bench_site::BACKENDS);
        Some(bench_site::ensure(paths, mentions("--quick"), backends)?)
    } else {
        None
    };
    let lighthouse = match mentions("lighthouse") {
        true => Some(bench_site::lighthouse(paths)?),
        false => None,
    };
    // An unoptimized build: the program only drives the browser, in which the measured code runs.
    process::run(workspace::cargo(paths, "build").args(["--bin", "bench"]))?;
    let mut bench = process::command(paths.target.join("debug/bench"));
    bench
        .args(&args.bench)
        .current_dir(&paths.root)
        .env("ELBO_DIST", paths.dist());
    if let Some(site) = site {
        bench.env("ELBO_BENCH_SITE", site);
    }
    if let Some(lighthouse) = lighthouse {
        bench.env("ELBO_LIGHTHOUSE", lighthouse);
    }
    process::run(browser.set_env(&mut bench))
}
