//! Native PyTorch, if it is installed.

use super::{
    Plan,
    check::{Answers, compare},
    fresh::{Memory, Start},
    report::Report,
    rounds::{self, Block, Blocks},
    row::{Row, Size},
};
use crate::stats::Stats;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The columns: id, title, and number of threads; 0 for PyTorch's default.
pub(crate) const COLUMNS: [(&str, &str, usize); 2] = [
    ("pytorch-1", "PyTorch, 1 thread", 1),
    ("pytorch-all", "PyTorch, all threads", 0),
];

/// A Python interpreter with PyTorch.
pub(crate) struct Python(PathBuf);

/// The output of `pytorch.py`.
#[derive(Debug, Deserialize)]
struct Found {
    version: String,
    sizes: BTreeMap<Size, OfSize>,
}

#[derive(Debug, Deserialize)]
struct OfSize {
    check: Answers,
    first: f64,
    rows: BTreeMap<Row, Block>,
}

impl Python {
    /// The given interpreter, or `python3`; `None` if it has no PyTorch.
    pub(crate) fn find(named: Option<&Path>) -> Option<Self> {
        let program = named.unwrap_or(Path::new("python3"));
        let has_it = Command::new(program)
            .args(["-c", "import torch"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !has_it {
            eprintln!("skipped, because {} has no PyTorch", program.display());
        }
        has_it.then(|| Self(program.to_owned()))
    }

    /// Measures one round: all rows, with one thread and with all. In the first round, results are checked as well.
    pub(crate) fn round(
        &self,
        plan: &Plan,
        check: bool,
        reference: &[(Size, Answers)],
        blocks: &mut Blocks,
        report: &mut Report,
    ) -> Result<()> {
        for (id, title, threads) in COLUMNS {
            eprintln!("{title}");
            let found = self.run(threads, plan.samples)?;
            report.python = Some(found.version);
            for (size, found) in found.sizes {
                for (row, block) in found.rows {
                    rounds::add(blocks, id, row, size, block);
                }
                if !check {
                    continue;
                }
                if let Some((_, reference)) = reference.iter().find(|(of, _)| *of == size) {
                    let difference = compare(id, size, false, &found.check, reference)?;
                    report.differences.push(difference);
                }
                report.fresh.push(Start {
                    contender: id.to_owned(),
                    size,
                    first_step: Stats::of(vec![found.first]),
                    memory: Memory::default(),
                });
            }
        }
        Ok(())
    }

    fn run(&self, threads: usize, samples: usize) -> Result<Found> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/pytorch.py");
        let output = Command::new(&self.0)
            .arg(script)
            .args(["--threads", &threads.to_string()])
            .args(["--samples", &samples.to_string()])
            .output()
            .context("PyTorch did not start")?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "PyTorch failed: {stderr}");
        serde_json::from_slice(&output.stdout).context("parsing the output of pytorch.py")
    }
}
