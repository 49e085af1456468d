//! A run of one target.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Programs;
use crate::paths::Paths;
use crate::process;
use crate::stopwatch::Stopwatch;

/// The most memory of a program, in MB: more than any target may need.
const MAX_MEMORY_MB: usize = 3072;
/// An input that takes longer hangs. The targets' own limit is CPU time, checked once the input is read.
const HANG_SECONDS: u32 = 60;

/// When a run ends: at the first limit that is reached.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    /// Seconds.
    pub(crate) seconds: Option<u64>,
    /// Number of inputs.
    pub(crate) runs: Option<u64>,
    /// Size of all inputs together.
    pub(crate) bytes: Option<u64>,
}

/// What the target's program reports (`tests/fuzz/src/libfuzzer.rs`).
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Report {
    pub(crate) executions: u64,
    pub(crate) bytes: u64,
    pub(crate) peak_memory: u64,
    pub(crate) slowest_seconds: f64,
}

/// The result of a run.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    /// The target.
    pub(crate) target: String,
    /// What was done, to within a second.
    pub(crate) report: Report,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Inputs that failed.
    pub(crate) failures: Vec<PathBuf>,
    /// The end of the program's output, if it failed.
    pub(crate) error: Option<String>,
}

/// Runs a target until a limit is reached or an input fails. Its corpus is kept for the next run.
pub(crate) fn run(
    paths: &Paths,
    programs: &Programs,
    target: &str,
    limits: Limits,
) -> Result<Finished> {
    let folder = |name: &str| paths.target.join("fuzz").join(name);
    let (corpus, failed) = (folder("corpus").join(target), folder("failed").join(target));
    let (report, log) = (
        folder("reports").join(format!("{target}.json")),
        folder("logs").join(format!("{target}.log")),
    );
    for folder in [
        Some(corpus.as_path()),
        Some(failed.as_path()),
        report.parent(),
        log.parent(),
    ] {
        std::fs::create_dir_all(folder.context("a folder")?)?;
    }
    let _ = std::fs::remove_file(&report);
    let before = files(&failed);
    let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut command = process::command(programs.path(target));
    command
        .arg(&corpus)
        .arg(format!("-artifact_prefix={}/", failed.display()))
        .arg(format!("-rss_limit_mb={MAX_MEMORY_MB}"))
        .arg(format!("-timeout={HANG_SECONDS}"))
        .arg("-print_final_stats=1")
        .args(
            limits
                .seconds
                .map(|seconds| format!("-max_total_time={seconds}")),
        )
        .args(limits.runs.map(|runs| format!("-runs={runs}")))
        .env("FUZZ_CORPUS", &corpus)
        .env("FUZZ_REPORT", &report)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    let watch = Stopwatch::start();
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start `{}`", process::describe(&command)))?;
    let succeeded = wait(&mut child, &report, limits)?;
    let error = (!succeeded).then(|| last_lines(&log));
    Ok(Finished {
        target: target.to_owned(),
        report: read(&report),
        seconds: watch.seconds(),
        failures: files(&failed)
            .into_iter()
            .filter(|file| !before.contains(file))
            .collect(),
        error,
    })
}

/// Waits for the end of the program, or ends it when it has read enough bytes. Returns whether it did not fail.
fn wait(child: &mut Child, report: &Path, limits: Limits) -> Result<bool> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        // libFuzzer has no limit on bytes.
        if limits
            .bytes
            .is_some_and(|bytes| read(report).bytes >= bytes)
        {
            child.kill()?;
            child.wait()?;
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(200));
    }
}

/// The report; zeros as long as there is none, or while it is being written.
fn read(path: &Path) -> Report {
    let json = std::fs::read(path).unwrap_or_default();
    serde_json::from_slice(&json).unwrap_or_default()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect()
}

/// The end of a log, without the dump of the input.
fn last_lines(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let is_told = |line: &&str| {
        line.contains("panicked") || line.contains("ERROR") || line.contains("needed")
    };
    let told: Vec<&str> = text.lines().filter(is_told).collect();
    match told.is_empty() {
        true => format!("see {}", log.display()),
        false => format!("{} (see {})", told.join(" / "), log.display()),
    }
}
