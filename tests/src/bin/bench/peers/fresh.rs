//! Workers that have just started: their first training step, the memory they come to, and whether they are right.

use super::{
    Plan,
    check::{Answers, Difference, compare},
    contender::Contender,
    host::Host,
    row::{Row, Size},
};
use crate::stats::Stats;
use anyhow::Result;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// One contender with one model, newly loaded.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Start {
    pub(crate) contender: String,
    pub(crate) size: Size,
    /// Milliseconds of the first training step after load; none of what does not train.
    pub(crate) first_step: Option<Stats>,
    /// The largest of the workers'.
    pub(crate) memory: Memory,
}

/// Bytes after a training step (where it trains), 400 images and an encoding.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// Of wasm memories, which never shrink.
    pub(crate) wasm: u64,
    /// Of the library's tensors as it counts them, wherever they lie.
    pub(crate) tensors: Option<u64>,
}

/// All of them.
pub(crate) struct Fresh {
    pub(crate) starts: Vec<Start>,
    pub(crate) differences: Vec<Difference>,
    /// What the first contender answers, for each size; what others are compared with.
    pub(crate) reference: Vec<(Size, Answers)>,
}

pub(crate) async fn measure(host: &Host, contenders: &[Contender], plan: &Plan) -> Result<Fresh> {
    let mut fresh = Fresh {
        starts: Vec::new(),
        differences: Vec::new(),
        reference: Vec::new(),
    };
    for size in [Size::S, Size::L] {
        let mut first: Vec<Vec<f64>> = vec![Vec::new(); contenders.len()];
        let mut memory = vec![Memory::default(); contenders.len()];
        for round in 0..plan.starts {
            for (i, contender) in contenders.iter().enumerate() {
                eprintln!("{}: fresh worker, {}", contender.title, size.name());
                host.open(contender).await?;
                let (step, used) = start(host, contender, size).await?;
                first[i].extend(step);
                if used.wasm >= memory[i].wasm {
                    memory[i] = used;
                }
                if round == 0 {
                    check(host, contender, size, &mut fresh).await?;
                }
                host.end(contender.id).await?;
            }
        }
        let each = contenders.iter().zip(first).zip(memory);
        fresh
            .starts
            .extend(each.map(|((contender, first), memory)| Start {
                contender: contender.id.to_owned(),
                size,
                first_step: Stats::of(first),
                memory,
            }));
    }
    Ok(fresh)
}

async fn start(host: &Host, contender: &Contender, size: Size) -> Result<(Option<f64>, Memory)> {
    let id = contender.id;
    let load = json!({ "size": size });
    host.call::<()>(id, "load", load).await?;
    let once = async |row: Row| -> Result<Option<f64>> {
        let given = json!({ "size": size, "row": row });
        host.call(id, "once", given).await
    };
    let step = once(Row::Step).await?;
    once(Row::Decode400).await?;
    once(Row::Encode1).await?;
    Ok((step, host.call(id, "memory", json!({})).await?))
}

async fn check(host: &Host, contender: &Contender, size: Size, fresh: &mut Fresh) -> Result<()> {
    let answers: Answers = host
        .call(contender.id, "check", json!({ "size": size }))
        .await?;
    let reference = fresh.reference.iter().find(|(of, _)| *of == size);
    match reference {
        Some((_, reference)) => {
            let found = compare(contender.id, size, contender.gpu, &answers, reference)?;
            fresh.differences.push(found);
        }
        None => fresh.reference.push((size, answers)),
    }
    Ok(())
}
