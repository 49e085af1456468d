//! Measures training in the page: loss after a minute, slider latency meanwhile, and memory.

use crate::{drag, mnist, stats::Stats};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::json;
use std::{path::Path, time::Duration};
use tests::{
    browser::{CAPTURE_SAVED_FILES, Driver, Options, Server, Tab},
    images::idx,
    native_decode::neg_elbo_of_files,
};

/// Number of test images for evaluating a trained model.
const TEST_IMAGES: usize = 2000;

/// A training run to measure.
struct Case {
    name: &'static str,
    digits: usize,
    /// Choices that differ from the presets, as `data-testid`s to click.
    choices: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "5,000 digits, z = 8, from scratch",
        digits: 5000,
        choices: &["train-origin-scratch", "train-latent-8"],
    },
    Case {
        name: "5,000 digits, z = 2, from scratch",
        digits: 5000,
        choices: &["train-origin-scratch", "train-latent-2"],
    },
    Case {
        name: "300 digits, z = 16, fine-tuned",
        digits: 300,
        choices: &["train-origin-pretrained", "train-latent-16"],
    },
    Case {
        name: "300 digits, z = 16, from scratch",
        digits: 300,
        choices: &["train-origin-scratch", "train-latent-16"],
    },
];

/// Results of a training run.
#[derive(Debug, Serialize)]
pub(crate) struct TrainingResult {
    pub(crate) name: String,
    pub(crate) backend: String,
    pub(crate) seconds: u64,
    pub(crate) steps: u64,
    /// −ELBO of test images in nats per image.
    pub(crate) test_neg_elbo: f64,
    /// Updates of the displayed step number per second.
    pub(crate) updates_a_second: f64,
}

/// Makes each run in a new browser.
pub(crate) async fn runs(
    driver: &Driver,
    server: &Server,
    options: &Options,
    (backend, seconds): (&str, u64),
    data: &Path,
) -> Result<Vec<TrainingResult>> {
    let options = &Options {
        before_page: Some(CAPTURE_SAVED_FILES),
        ..options.clone()
    };
    let test = mnist::images(data, mnist::TEST, TEST_IMAGES)?;
    let mut all = Vec::new();
    for case in CASES {
        eprintln!("training on {backend}: {}", case.name);
        let tab = Tab::start(driver.url(), server, options).await?;
        begin(&tab, case, backend, seconds, data).await?;
        let updates_a_second = updates(&tab, seconds).await?;
        wait_done(&tab, seconds).await?;
        let steps = number(&tab.text("train-step").await?.unwrap_or_default())?;
        tab.click("export-weights").await?;
        let files = tab.saved_files().await?;
        let file = |extension: &str| {
            let found = files.iter().find(|(name, _)| name.ends_with(extension));
            Ok::<_, anyhow::Error>(found.context("the page did not save a model")?.1.as_slice())
        };
        let test_neg_elbo = neg_elbo_of_files(file(".json")?, file(".safetensors")?, &test)?;
        eprintln!("  {steps} steps, {test_neg_elbo:.2} nats, {updates_a_second:.1} updates/s");
        tab.close().await?;
        all.push(TrainingResult {
            name: case.name.to_owned(),
            backend: backend.to_owned(),
            seconds,
            steps,
            test_neg_elbo,
            updates_a_second,
        });
    }
    Ok(all)
}

/// Latency of the sliders while their model is being trained.
pub(crate) async fn drag_meanwhile(
    driver: &Driver,
    server: &Server,
    options: &Options,
    (backend, seconds): (&str, u64),
    data: &Path,
) -> Result<Option<Stats>> {
    let tab = Tab::start(driver.url(), server, options).await?;
    begin(&tab, &CASES[0], backend, 600, data).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (times, _) = drag::times(&tab, seconds).await?;
    tab.close().await?;
    Ok(Stats::of(times))
}

/// Memory at one time of a long run, in megabytes.
#[derive(Debug, Serialize)]
pub(crate) struct Memory {
    pub(crate) backend: String,
    pub(crate) minute: u64,
    /// The training worker's wasm memory.
    pub(crate) worker_mb: u64,
    /// The page's JavaScript heap after garbage collection.
    pub(crate) page_mb: f64,
    pub(crate) steps: u64,
}

/// The memory of a long run after the given minutes.
pub(crate) async fn memory(
    driver: &Driver,
    server: &Server,
    options: &Options,
    (backend, minutes): (&str, &[u64]),
    data: &Path,
) -> Result<Vec<Memory>> {
    let tab = Tab::start(driver.url(), server, options).await?;
    let last = minutes.iter().copied().max().unwrap_or(1);
    begin(&tab, &CASES[0], backend, last * 60 + 60, data).await?;
    let start = tokio::time::Instant::now();
    let mut all = Vec::new();
    for &minute in minutes {
        tokio::time::sleep_until(start + Duration::from_secs(minute * 60)).await;
        let script = "return document.querySelector('.figures').innerText.match(/(\\d+) MB/)[1]";
        let worker = tab.script(script, vec![]).await?;
        tab.cdp("HeapProfiler.collectGarbage", json!({})).await?;
        let heap = tab.cdp("Runtime.getHeapUsage", json!({})).await?;
        let memory = Memory {
            backend: backend.to_owned(),
            minute,
            worker_mb: number(worker.as_str().unwrap_or_default())?,
            page_mb: heap["usedSize"].as_f64().context("the heap has a size")? / 1e6,
            steps: number(&tab.text("train-step").await?.unwrap_or_default())?,
        };
        eprintln!("  {memory:?}");
        all.push(memory);
    }
    tab.close().await?;
    Ok(all)
}

/// Uploads the images, makes the choices, and starts the run.
async fn begin(tab: &Tab, case: &Case, backend: &str, seconds: u64, data: &Path) -> Result<()> {
    tab.open(&format!("?backend={backend}&tab=train")).await?;
    tab.wait_backend(Some(backend)).await?;
    let idx = idx(&mnist::images(data, mnist::TRAINING, case.digits)?);
    tab.upload_files("upload", &[("mnist-idx3-ubyte", &idx)])
        .await?;
    tab.wait_text("dataset-count", "counts the digits", |text| {
        number(text).is_ok_and(|count| count == case.digits as u64)
    })
    .await?;
    for choice in case.choices {
        tab.click(choice).await?;
    }
    let open = "document.querySelector(\"[data-testid='train-more']\").open = true";
    tab.script(open, vec![]).await?;
    tab.set_value("train-seconds", &seconds.to_string()).await?;
    tab.set_value("train-patience", "").await?;
    tab.click("train-start").await?;
    tab.until_within(Duration::from_secs(600), "the first step", async || {
        let step = tab.text("train-step").await?.unwrap_or_default();
        Ok(number(&step).ok().filter(|&step| step > 0))
    })
    .await?;
    Ok(())
}

/// Counts updates of the displayed step per second, over ten seconds.
async fn updates(tab: &Tab, seconds: u64) -> Result<f64> {
    let seconds = seconds.min(10);
    let script = "return new Promise((done) => {
        let changes = 0;
        const step = document.querySelector(`[data-testid='train-step']`);
        const watch = new MutationObserver(() => changes++);
        watch.observe(step, { characterData: true, childList: true, subtree: true });
        setTimeout(() => { watch.disconnect(); done(changes); }, arguments[0] * 1000);
    });";
    let changes = tab.script(script, vec![json!(seconds)]).await?;
    Ok(changes.as_f64().context("a count")? / seconds as f64)
}

async fn wait_done(tab: &Tab, seconds: u64) -> Result<()> {
    let patience = Duration::from_secs(4 * seconds + 300);
    tab.until_within(patience, "the run has ended", async || {
        let status = tab.text("train-status").await?.unwrap_or_default();
        ensure!(status != "failed", "training failed");
        Ok((status == "done").then_some(()))
    })
    .await
}

fn number(text: &str) -> Result<u64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits
        .parse()
        .with_context(|| format!("\"{text}\" is not a number"))
}
