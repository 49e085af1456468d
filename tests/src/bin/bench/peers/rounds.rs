//! Rounds: each row's block by one contender after another, so that whatever else the machine does falls on all.

use super::{
    Plan,
    check::Answers,
    contender::Contender,
    host::Host,
    limits,
    pytorch::Python,
    report::{Report, Times},
    row::{self, Row, Size},
};
use crate::stats::Stats;
use anyhow::Result;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Samples of one row by one contender, one after another.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Block {
    /// Calls in a sample.
    pub(crate) calls: usize,
    /// Milliseconds of one call.
    pub(crate) ms: Vec<f64>,
}

/// Blocks by contender, row and size.
pub(crate) type Blocks = BTreeMap<(String, Row, Size), Block>;

/// Puts a block to those before.
pub(crate) fn add(blocks: &mut Blocks, contender: &str, row: Row, size: Size, block: Block) {
    let sum = blocks.entry((contender.to_owned(), row, size)).or_default();
    sum.calls = block.calls;
    sum.ms.extend(block.ms);
}

pub(crate) async fn measure(
    host: &Host,
    contenders: &[Contender],
    plan: &Plan,
    python: Option<&Python>,
    reference: &[(Size, Answers)],
    report: &mut Report,
) -> Result<()> {
    for contender in contenders {
        eprintln!("{}: loading", contender.title);
        host.open(contender).await?;
        for size in [Size::S, Size::L] {
            host.call::<()>(contender.id, "load", json!({ "size": size }))
                .await?;
        }
    }
    limits::start(host).await?;
    let mut blocks = Blocks::new();
    for round in 0..plan.rounds {
        eprintln!("round {} of {}", round + 1, plan.rounds);
        report.limits.raise(limits::measure(host).await?);
        for (row, size) in row::ALL {
            // Another one begins each time.
            for i in 0..contenders.len() {
                let contender = &contenders[(i + round) % contenders.len()];
                let given = json!({ "size": size, "row": row, "wanted": plan.samples,
                    "budgetMs": plan.block_ms });
                let block: Option<Block> = host.call(contender.id, "block", given).await?;
                if let Some(block) = block {
                    add(&mut blocks, contender.id, row, size, block);
                }
            }
        }
        if let Some(python) = python {
            python.round(plan, round == 0, reference, &mut blocks, report)?;
        }
    }
    report.times = blocks
        .into_iter()
        .filter_map(|((contender, row, size), block)| {
            Some(Times {
                contender,
                row,
                size,
                calls: block.calls,
                ms: Stats::of(block.ms)?,
            })
        })
        .collect();
    Ok(())
}
