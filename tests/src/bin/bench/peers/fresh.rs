//! Fresh workers: their first training step, their memory, and whether their results are correct.

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

/// Results of one contender with one model, freshly loaded.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Start {
    pub(crate) contender: String,
    pub(crate) size: Size,
    /// Milliseconds of the first training step after loading; `None` if it does not train.
    pub(crate) first_step: Option<Stats>,
    /// The maximum over workers.
    pub(crate) memory: Memory,
}

/// Bytes after a training step (where it trains), 400 images and an encoding.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// Size of wasm memories, which never shrink.
    pub(crate) wasm: u64,
    /// Size of the library's tensors by its own count.
    pub(crate) tensors: Option<u64>,
}

/// The results of all contenders.
pub(crate) struct Fresh {
    pub(crate) starts: Vec<Start>,
    pub(crate) differences: Vec<Difference>,
    /// The results of the first contender for each model, with which others are compared.
    pub(crate) reference: Vec<(Size, Answers)>,
}

pub(crate) async fn measure(host: &Host, contenders: &[Contender], plan: &Plan) -> Result<Fresh> {
    let mut fresh = Fresh {
        starts: Vec::new(),
        differences: Vec::new(),
        reference: Vec::new(),
    };
    for size in Size::ALL {
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
    let answers: Option<Answers> = host
        .call(contender.id, "check", json!({ "size": size }))
        .await?;
    // It does not have this model.
    let Some(answers) = answers else {
        return Ok(());
    };
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
