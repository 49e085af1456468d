//! Measures the time from the start of the navigation to the first image with empty caches.

use crate::stats::Stats;
use anyhow::{Context, Result};
use serde::Serialize;
use std::time::Duration;
use tests::browser::{Driver, Options, Server, Tab};

/// WebGPU in software is slow to compile shaders on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Cold starts with one compression.
#[derive(Debug, Serialize)]
pub(crate) struct FirstDigit {
    pub(crate) compression: String,
    /// Milliseconds from the start of the navigation to the page's mark `first-digit`.
    pub(crate) ms: Stats,
    /// Bytes of all replies requested before that mark, the maximum over runs.
    pub(crate) bytes: usize,
    /// The files requested.
    pub(crate) files: Vec<String>,
}

/// Makes `runs` cold starts. `address` is the query of the page's URL.
pub(crate) async fn measure(
    driver: &Driver,
    server: &Server,
    options: &Options,
    (compression, address): (&str, &str),
    runs: usize,
) -> Result<FirstDigit> {
    // With animations, as visitors see the page.
    let options = &Options {
        motion: true,
        ..options.clone()
    };
    let mut times = Vec::new();
    let (mut bytes, mut files) = (0, Vec::new());
    for _ in 0..runs {
        // A new browser, so that there is no cache and no compiled wasm from the previous run.
        let tab = Tab::start(driver.url(), server, options).await?;
        server.forget();
        tab.open(address).await?;
        let script = "const mark = performance.getEntriesByName('first-digit')[0];
            return mark && [mark.startTime, performance.timeOrigin + mark.startTime];";
        let mark = tab
            .until_script_within(PATIENCE, "the page sets its mark `first-digit`", script)
            .await?;
        let time = mark[0].as_f64().context("the mark has a time")?;
        let at_ms = mark[1].as_f64().context("the mark has a time")?;
        let before: Vec<_> = server
            .requests()
            .into_iter()
            .filter(|request| request.at_ms <= at_ms)
            .collect();
        let sum = before.iter().map(|request| request.bytes).sum();
        eprintln!("  {time:.0} ms, {sum} bytes");
        if sum > bytes {
            bytes = sum;
            files = before.into_iter().map(|request| request.path).collect();
        }
        times.push(time);
        tab.close().await?;
    }
    Ok(FirstDigit {
        compression: compression.to_owned(),
        ms: Stats::of(times).context("no runs")?,
        bytes,
        files,
    })
}
