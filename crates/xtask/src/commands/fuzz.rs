//! `cargo xtask fuzz`: runs the fuzz targets with libFuzzer.

use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

use crate::fuzzing::{self, Limits, Programs};
use crate::paths::Paths;

/// Seconds for each target, unless another limit is given.
const DEFAULT_SECONDS: u64 = 60;

/// Which targets to run, and for how long. Each stops at the first limit.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The targets (the default is all)
    targets: Vec<String>,
    /// Seconds for each target
    #[arg(long)]
    seconds: Option<u64>,
    /// Number of inputs for each target
    #[arg(long)]
    runs: Option<u64>,
    /// Bytes of all inputs together for each target
    #[arg(long)]
    bytes: Option<u64>,
    /// Number of targets that run at a time
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Leave out the targets of the page and those that build models, whose dependencies take minutes to compile
    #[arg(long)]
    brief: bool,
}

/// Builds the programs, runs them, and prints a table. Fails if an input fails.
pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    let programs = Programs::build(paths, &args.targets, !args.brief)?;
    let mut limits = Limits {
        seconds: args.seconds,
        runs: args.runs,
        bytes: args.bytes,
    };
    if args.seconds.or(args.runs).or(args.bytes).is_none() {
        limits.seconds = Some(DEFAULT_SECONDS);
    }
    let next = Mutex::new(programs.targets.iter());
    let take = || next.lock().unwrap_or_else(PoisonError::into_inner).next();
    let runs = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..args.jobs.max(1) {
            scope.spawn(|| {
                while let Some(target) = take() {
                    eprintln!("fuzzing {target}");
                    let run = fuzzing::run(paths, &programs, target, limits);
                    let mut runs = runs.lock().unwrap_or_else(PoisonError::into_inner);
                    runs.push(run);
                }
            });
        }
    });
    let runs = runs.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut runs = runs.into_iter().collect::<Result<Vec<_>>>()?;
    runs.sort_by_key(|run| programs.targets.iter().position(|name| *name == run.target));
    println!("{}", fuzzing::table(&runs));
    let failed: Vec<_> = runs.iter().filter(|run| run.error.is_some()).collect();
    for run in &failed {
        eprintln!(
            "{}: {}",
            run.target,
            run.error.as_deref().unwrap_or_default()
        );
        for input in &run.failures {
            eprintln!("  {}", input.display());
        }
    }
    match failed.as_slice() {
        [] => Ok(()),
        _ => bail!(
            "{} of {} fuzz targets failed; tests/fuzz/README.md says what to do",
            failed.len(),
            runs.len()
        ),
    }
}
