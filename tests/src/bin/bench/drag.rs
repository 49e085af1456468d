//! Measures the latency from input to pixels while z-0 is dragged with the mouse.

use crate::{Contender, stats::Stats};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use std::{f64::consts::TAU, time::Duration};
use tests::browser::{Driver, Options, Server, Tab};

/// One step per frame at 60 Hz.
const STEP: Duration = Duration::from_millis(16);

/// Collects the page's measures as they arrive (the page clears old entries), and counts inputs and tasks that
/// block the main thread for more than 50 ms.
const COUNT: &str = "
    globalThis.bench = { inputs: 0, times: [], longTasks: [] };
    document.addEventListener('input', () => bench.inputs++, true);
    new PerformanceObserver((list) => {
        for (const entry of list.getEntriesByName('input-to-pixels')) {
            bench.times.push(entry.duration);
        }
    }).observe({ type: 'measure' });
    new PerformanceObserver((list) => {
        for (const task of list.getEntries()) bench.longTasks.push(task.duration);
    }).observe({ type: 'longtask' });";

/// One contender's latency.
#[derive(Debug, Serialize)]
pub(crate) struct Drag {
    pub(crate) contender: Contender,
    pub(crate) seconds: f64,
    /// The page's measures `input-to-pixels` in milliseconds; `None` if there are none.
    pub(crate) ms: Option<Stats>,
    /// `input` events of the slider.
    pub(crate) inputs: usize,
    /// Tasks on the main thread of more than 50 ms.
    pub(crate) long_tasks: usize,
    /// The longest of them, in milliseconds.
    pub(crate) longest_task_ms: f64,
}

pub(crate) async fn measure(
    driver: &Driver,
    server: &Server,
    options: &Options,
    contender: Contender,
    seconds: u64,
) -> Result<Drag> {
    let tab = Tab::start(driver.url(), server, options).await?;
    tab.open(&contender.address).await?;
    let wanted = contender.active.as_str();
    tab.wait_backend(Some(wanted)).await?;
    tab.settled_pixels(Duration::from_secs(1)).await?;
    // A warm-up drag compiles code and, on a GPU, shaders.
    tab.drag_in("z-0", &way(40), STEP).await?;
    tab.settled_pixels(Duration::from_secs(2)).await?;
    let (times, seen) = times(&tab, seconds).await?;
    let long: Vec<f64> = serde_json::from_value(seen["longTasks"].clone())?;
    let inputs = seen["inputs"].as_u64().context("a count")?;
    ensure!(inputs > 0, "dragging z-0 had no effect: {}", contender.name);
    tab.close().await?;
    Ok(Drag {
        contender,
        seconds: seen["seconds"].as_f64().context("a time")?,
        ms: Stats::of(times),
        inputs: usize::try_from(inputs)?,
        long_tasks: long.len(),
        longest_task_ms: long.into_iter().fold(0.0, f64::max),
    })
}

/// Drags z-0 for `seconds`. Returns the page's measures in milliseconds, and all counters.
pub(crate) async fn times(tab: &Tab, seconds: u64) -> Result<(Vec<f64>, Value)> {
    times_in(tab, "z-0", &way(60), seconds).await
}

/// Drags along these points of an element, as often as fits into `seconds`.
pub(crate) async fn times_in(
    tab: &Tab,
    id: &str,
    points: &[(f64, f64)],
    seconds: u64,
) -> Result<(Vec<f64>, Value)> {
    tab.script(COUNT, vec![]).await?;
    let start = tokio::time::Instant::now();
    let time = Duration::from_secs(seconds);
    while start.elapsed() < time {
        // One second at a time, because WebDriver takes a complete list of actions.
        tab.drag_in(id, points, STEP).await?;
    }
    let seconds = start.elapsed().as_secs_f64();
    // Wait for the measure of the last image.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut seen = tab.script("return bench", vec![]).await?;
    seen["seconds"] = json!(seconds);
    Ok((serde_json::from_value(seen["times"].clone())?, seen))
}

/// Sinusoidal motion over most of the slider: slower at the ends, like a hand.
pub(crate) fn way(steps: u32) -> Vec<(f64, f64)> {
    (0..=steps)
        .map(|i| 0.5 + 0.4 * (TAU * f64::from(i) / f64::from(steps)).sin())
        .map(|x| (x, 0.5))
        .collect()
}
