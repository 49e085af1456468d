//! Compares training steps for other objectives with steps for the ELBO, by our engine in a browser.

use crate::{
    Args,
    peers::{Block, Contender, Host, site},
    stats::Stats,
};
use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::json;
use tests::browser::{Compression, Driver, Options, Server};

/// Size and row of a step, as in `tests/bench/peers/worker.js`.
type Step = (&'static str, &'static str);

/// A step that is compared with steps for the ELBO.
struct Comparison {
    what: &'static str,
    step: Step,
    plain: Step,
    /// Number of plain steps.
    count: f64,
    /// The maximum of the ratio.
    wanted: f64,
}

const COMPARISONS: [Comparison; 2] = [
    Comparison {
        what: "exact, 48×48 points, 256 images, 2-D / a step on 2,560 images",
        step: ("P", "exact"),
        plain: ("P", "step"),
        count: 1.0,
        wanted: 1.3,
    },
    Comparison {
        what: "importance-weighted, K = 8, S / eight steps",
        step: ("S", "importance8"),
        plain: ("S", "step"),
        count: 8.0,
        wanted: 0.9,
    },
];

/// Results of one comparison, in milliseconds per step.
#[derive(Debug, Serialize)]
pub(crate) struct ObjectiveResult {
    pub(crate) what: String,
    pub(crate) step: Option<Stats>,
    /// All plain steps together.
    pub(crate) plain: Option<Stats>,
    pub(crate) wanted: f64,
}

impl ObjectiveResult {
    /// The ratio of the medians.
    pub(crate) fn ratio(&self) -> Option<f64> {
        Some(self.step.as_ref()?.median / self.plain.as_ref()?.median)
    }
}

/// Measures in rounds, so that other load on the machine affects all rows equally.
pub(crate) async fn measure(
    args: &Args,
    driver: &Driver,
    options: &Options,
) -> Result<Vec<ObjectiveResult>> {
    let site = site(args)?;
    let server = Server::start(&site, Compression::None).await?;
    let host = Host::start(driver, &server, options).await?;
    let flex = Contender::FLEX;
    host.open(&flex).await?;
    let rounds = args.rounds.unwrap_or(if args.quick { 1 } else { 7 });
    let (samples, budget) = if args.quick { (1, 1) } else { (5, 1500) };
    let mut times: Vec<[Vec<f64>; 2]> = COMPARISONS.iter().map(|_| Default::default()).collect();
    for size in ["S", "P"] {
        host.call::<()>(flex.id, "load", json!({ "size": size }))
            .await?;
    }
    for round in 0..rounds {
        eprintln!("objectives: round {} of {rounds}", round + 1);
        for (comparison, times) in COMPARISONS.iter().zip(&mut times) {
            for ((size, row), times) in [comparison.step, comparison.plain].into_iter().zip(times) {
                let given =
                    json!({ "size": size, "row": row, "wanted": samples, "budgetMs": budget });
                let block: Option<Block> = host.call(flex.id, "block", given).await?;
                times.extend(block.with_context(|| format!("no row {row} of {size}"))?.ms);
            }
        }
    }
    host.close().await?;
    Ok(COMPARISONS
        .iter()
        .zip(times)
        .map(|(comparison, [step, plain])| ObjectiveResult {
            what: comparison.what.to_owned(),
            step: Stats::of(step),
            plain: Stats::of(plain.into_iter().map(|ms| ms * comparison.count).collect()),
            wanted: comparison.wanted,
        })
        .collect())
}
