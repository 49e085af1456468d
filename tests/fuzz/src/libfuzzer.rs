//! What the binaries of libFuzzer call.
//!
//! Two environment variables control them: the folder `FUZZ_CORPUS` receives seeds and regressions before libFuzzer reads it,
//! and the file `FUZZ_REPORT` gets the totals of the run as JSON, every second and every 4096 inputs.

use crate::{Measured, Target, check, seeds};
use serde::{Deserialize, Serialize};
use std::{path::PathBuf, sync::Mutex, time::Duration};

/// No input may take longer. CPU time, in an optimized build with libFuzzer's instrumentation.
pub const TIME_LIMIT: Duration = Duration::from_secs(2);

/// The totals of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Number of inputs.
    pub executions: u64,
    /// Size of all inputs together.
    pub bytes: u64,
    /// The most memory that one of them needed, in bytes.
    pub peak_memory: usize,
    /// The most CPU time that one of them needed, in seconds.
    pub slowest_seconds: f64,
    /// CPU time of all, in seconds.
    pub seconds: f64,
}

impl Report {
    fn add(&mut self, input: &[u8], measured: Measured) {
        let seconds = measured.time.as_secs_f64();
        self.executions += 1;
        self.bytes += input.len() as u64;
        self.peak_memory = self.peak_memory.max(measured.memory);
        self.slowest_seconds = self.slowest_seconds.max(seconds);
        self.seconds += seconds;
    }
}

struct Run {
    report: Report,
    /// `seconds` when the report was last written.
    written: f64,
    file: Option<PathBuf>,
}

static RUN: Mutex<Option<Run>> = Mutex::new(None);

/// Prepares a run: writes the corpus.
///
/// # Panics
/// If the corpus can't be written.
pub fn start(target: &Target) {
    if let Some(folder) = std::env::var_os("FUZZ_CORPUS").map(PathBuf::from) {
        let inputs = (target.seeds)()
            .into_iter()
            .chain(seeds::regressions(target.name));
        std::fs::create_dir_all(&folder).expect("the folder of the corpus can be made");
        for (at, input) in inputs.enumerate() {
            let path = folder.join(format!("seed-{at:03}"));
            std::fs::write(path, input).expect("a seed can be written");
        }
    }
    let run = Run {
        report: Report::default(),
        written: 0.0,
        file: std::env::var_os("FUZZ_REPORT").map(PathBuf::from),
    };
    if let Ok(mut current) = RUN.lock() {
        *current = Some(run);
    }
}

/// Runs one input, and adds it to the report.
///
/// # Panics
/// As [`check()`], by which libFuzzer recognizes a failure.
pub fn run(target: &Target, input: &[u8]) {
    let measured = check(target, input, TIME_LIMIT);
    let Ok(mut run) = RUN.lock() else { return };
    let Some(run) = run.as_mut() else { return };
    run.report.add(input, measured);
    if run.report.seconds >= run.written + 1.0 || run.report.executions % 4096 == 1 {
        run.written = run.report.seconds;
        write(run);
    }
}

fn write(run: &Run) {
    if let Some(file) = &run.file
        && let Ok(json) = serde_json::to_vec(&run.report)
    {
        // The next one is a second away.
        let _ = std::fs::write(file, json);
    }
}
