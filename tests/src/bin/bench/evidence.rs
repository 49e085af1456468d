//! Measures the Evidence panel: quadrature and importance weights for several digits.

use crate::stats::Stats;
use anyhow::Result;
use serde::Serialize;
use std::time::Duration;
use tests::browser::{Driver, Options, Server, Tab};

/// Collects the page's measures and tasks that block the main thread.
const COUNT: &str = "
    globalThis.bench = { measures: {}, longTasks: [] };
    new PerformanceObserver((list) => {
        for (const { name, duration } of list.getEntries()) {
            (bench.measures[name] ??= []).push(duration);
        }
    }).observe({ type: 'measure' });
    new PerformanceObserver((list) => {
        for (const task of list.getEntries()) bench.longTasks.push(task.duration);
    }).observe({ type: 'longtask' });";

/// The page's measures and their titles in the table.
const MEASURES: [(&str, &str); 3] = [
    ("evidence-coarse", "log p(x) on 64×64 cells"),
    ("evidence-refined", "the same to 0.002 nats"),
    ("evidence-weights", "4,900 importance weights"),
];

/// Results of one model on one backend.
#[derive(Debug, Serialize)]
pub(crate) struct EvidenceResult {
    pub(crate) backend: String,
    pub(crate) model: String,
    /// Milliseconds of each measure; `None` if it does not apply to the model.
    pub(crate) times: Vec<(String, Option<Stats>)>,
    /// Tasks on the main thread of more than 50 ms meanwhile.
    pub(crate) long_tasks: usize,
}

/// Selects each class of digit `rounds` times.
pub(crate) async fn measure(
    driver: &Driver,
    server: &Server,
    options: &Options,
    (backend, model): (&str, &str),
    rounds: usize,
) -> Result<EvidenceResult> {
    let tab = Tab::start(driver.url(), server, options).await?;
    tab.open(&format!("?backend={backend}&model={model}&tab=evidence"))
        .await?;
    tab.wait_backend(Some(backend)).await?;
    // Warm-up: the first digit prepares the grid and compiles everything.
    let drawn = async |tab: &Tab| {
        tab.wait_text("prior-mc-count", "samples from the prior", |text| {
            text != "500" && text.len() > 2
        })
        .await
    };
    drawn(&tab).await?;
    tab.script(COUNT, vec![]).await?;
    for round in 0..rounds {
        if round > 0 {
            tab.click("evidence-others").await?;
        }
        for class in 0..10 {
            tab.click(&format!("evidence-digit-{class}")).await?;
            tab.settled_pixels(Duration::from_millis(300)).await?;
            drawn(&tab).await?;
        }
    }
    let seen = tab.script("return bench;", vec![]).await?;
    tab.close().await?;
    let times = MEASURES
        .iter()
        .map(|(name, what)| {
            let values = serde_json::from_value(seen["measures"][name].clone());
            ((*what).to_owned(), values.ok().and_then(Stats::of))
        })
        .collect();
    Ok(EvidenceResult {
        backend: backend.to_owned(),
        model: model.to_owned(),
        times,
        long_tasks: seen["longTasks"].as_array().map_or(0, Vec::len),
    })
}
