//! `cargo xtask bench`: times the published build in the browser, or our engine beside other libraries.

use anyhow::Result;

use crate::places::Places;
use crate::setup::chromium;
use crate::{cmd_build, native, peers, process};

/// What to time.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Time dist/ as it is, without building it first
    #[arg(long)]
    no_build: bool,
    /// Arguments for the benchmark itself (`--help` lists them)
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    bench: Vec<String>,
}

/// Builds and times.
pub(crate) fn run(places: &Places, args: &Args) -> Result<()> {
    let browser = chromium::ensure()?;
    if !args.no_build {
        cmd_build::run(places, &cmd_build::Args::default())?;
    }
    // The bench itself reads its arguments properly; here they only say what it will need.
    let names = |word: &str| {
        let mut words = args.bench.iter().flat_map(|arg| arg.split([',', '=']));
        words.any(|found| found == word)
    };
    let site = if names("peers") {
        let asked = std::env::var("ELBO_BENCH_BACKENDS").ok();
        let asked: Option<Vec<&str>> = asked.as_ref().map(|list| list.split(',').collect());
        let backends = asked.as_deref().unwrap_or(&peers::BACKENDS);
        Some(peers::ensure(places, names("--quick"), backends)?)
    } else {
        None
    };
    // What is timed runs in the browser; the program that drives it need not be optimised.
    process::run(native::command(places, "build").args(["--bin", "bench"]))?;
    let mut bench = process::command(places.target.join("debug/bench"));
    bench
        .args(&args.bench)
        .current_dir(&places.root)
        .env("ELBO_DIST", places.dist());
    if let Some(site) = site {
        bench.env("ELBO_BENCH_SITE", site);
    }
    process::run(browser.name_to(&mut bench))
}
