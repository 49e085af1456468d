//! Measures in rounds, each row by one contender after another, so that other load on the machine affects all equally.

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

/// Consecutive samples of one row by one contender.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Block {
    /// Calls per sample.
    pub(crate) calls: usize,
    /// Milliseconds per call.
    pub(crate) ms: Vec<f64>,
}

/// Blocks by contender, row and size.
pub(crate) type Blocks = BTreeMap<(String, Row, Size), Block>;

/// Appends a block to the previous ones.
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
        for size in Size::ALL {
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
            // Each round starts with another contender.
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
