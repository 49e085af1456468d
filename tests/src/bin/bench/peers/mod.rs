//! Compares our engine with other libraries in one browser session: the same models and calls, timed in the same way.
//!
//! `tests/bench/README.md` documents each row and column. `cargo xtask bench -- --parts peers` builds the pages and
//! runs this.

mod check;
mod contender;
mod fresh;
mod host;
mod limits;
mod page;
mod pytorch;
mod report;
mod rounds;
mod row;
mod tables;
mod targets;

use crate::Args;
use anyhow::{Context, Result, ensure};
pub(crate) use contender::Contender;
pub(crate) use host::Host;
use pytorch::Python;
use report::Report;
pub(crate) use rounds::Block;
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};
use tests::browser::{self, Compression, Driver, Gpu, Options, Server};

/// Number of repetitions.
struct Plan {
    /// Rounds; each has one block per row and contender.
    rounds: usize,
    /// Maximum samples per block.
    samples: usize,
    /// Time after which a block ends, in milliseconds; it has at least one sample.
    block_ms: u64,
    /// Fresh workers and cold starts per contender.
    starts: usize,
}

impl Plan {
    fn of(args: &Args) -> Self {
        if args.quick {
            Self {
                rounds: args.rounds.unwrap_or(1),
                samples: 1,
                block_ms: 1,
                starts: args.runs.unwrap_or(1),
            }
        } else {
            Self {
                rounds: args.rounds.unwrap_or(7),
                samples: 7,
                block_ms: 1500,
                starts: args.runs.unwrap_or(3),
            }
        }
    }
}

/// Measures, prints tables, and writes `<target>/bench/peers.json`.
pub(crate) async fn run(args: &Args, driver: &Driver, options: &Options) -> Result<()> {
    let site = site(args)?;
    let contenders = contenders(args, &site, options.gpu)?;
    let plan = Plan::of(args);
    let raw = Server::start(&site, Compression::None).await?;
    let (browser, gpu) = crate::describe(driver, &raw, options).await?;
    let python = Python::find(args.python.as_deref());

    let host = Host::start(driver, &raw, options).await?;
    let fresh = fresh::measure(&host, &contenders, &plan).await?;
    let mut report = Report {
        browser,
        machine: crate::machine(),
        gpu,
        quick: args.quick,
        python: None,
        contenders: contenders.clone(),
        fresh: fresh.starts,
        differences: fresh.differences,
        times: Vec::new(),
        limits: limits::Limits::default(),
        first_digit: BTreeMap::new(),
        page: None,
    };
    rounds::measure(
        &host,
        &contenders,
        &plan,
        python.as_ref(),
        &fresh.reference,
        &mut report,
    )
    .await?;
    host.close().await?;
    page::measure(
        args,
        driver,
        options,
        &site,
        &contenders,
        &plan,
        &mut report,
    )
    .await?;

    print!("{}", tables::markdown(&report));
    let folder = browser::target_dir().join("bench");
    fs::create_dir_all(&folder)?;
    let file = folder.join("peers.json");
    fs::write(&file, serde_json::to_string_pretty(&report)?)
        .with_context(|| format!("writing {}", file.display()))?;
    eprintln!("also written to {}", file.display());
    Ok(())
}

/// The folder with the pages of the contenders.
///
/// # Errors
///
/// If they are not built.
pub(crate) fn site(args: &Args) -> Result<PathBuf> {
    let named = || env::var_os("ELBO_BENCH_SITE").map(PathBuf::from);
    let site = args.site.clone().or_else(named);
    let site = site.unwrap_or_else(|| browser::target_dir().join("bench").join("site"));
    ensure!(
        site.join("host.html").is_file(),
        "no pages at {}: build them with `cargo xtask bench -- --parts peers`",
        site.display()
    );
    Ok(site)
}

/// The requested contenders that are built.
fn contenders(args: &Args, site: &Path, gpu: Gpu) -> Result<Vec<Contender>> {
    let unknown = args
        .contenders
        .iter()
        .find(|id| !contender::ALL.iter().any(|known| known.id == **id));
    ensure!(unknown.is_none(), "no such contender: {unknown:?}");
    let asked = |c: &Contender| match args.contenders.is_empty() {
        true => gpu == Gpu::Real || !c.needs_real_gpu,
        false => args.contenders.iter().any(|id| id == c.id),
    };
    let (built, missing): (Vec<_>, Vec<_>) = contender::ALL
        .into_iter()
        .filter(asked)
        .partition(|contender| contender.is_built(site));
    for contender in &missing {
        eprintln!("skipped, because it is not built: {}", contender.title);
    }
    ensure!(!built.is_empty(), "no contenders to measure");
    Ok(built)
}
