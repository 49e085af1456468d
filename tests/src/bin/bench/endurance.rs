//! Measures whether memory, elements and listeners grow: over a long run with dragging and walking through the panels, and
//! over opening all panels many times.

use crate::drag;
use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, f64::consts::TAU, fs, time::Duration};
use tests::{
    browser::{Driver, Options, Reply, Server, Tab},
    images,
};
use tokio::time::Instant;

/// One step per frame at 60 Hz.
const STEP: Duration = Duration::from_millis(16);
/// Minutes at which everything is counted, as far as the run is as long.
const STOPS: [u64; 3] = [2, 10, 30];
const PANELS: [&str; 4] = ["explore", "evidence", "learn", "train"];
/// Images to train on.
const IMAGES: usize = 2000;
/// How long a panel, or the first step on a GPU in software, may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long workers may take to answer how much memory they have.
const ANSWERS: Duration = Duration::from_secs(5);
/// How often each panel is opened before the first count, because the first time fetches and caches what stays.
const WARM_UP: usize = 5;

/// Keeps the wasm memories of a program. Runs first, on the page and in its workers.
const KEEP_MEMORIES: &str = "
    globalThis.wasmMemories = new Set();
    for (const name of ['instantiate', 'instantiateStreaming']) {
        const original = WebAssembly[name];
        WebAssembly[name] = async (...args) => {
            const result = await original.apply(WebAssembly, args);
            const memory = (result.instance ?? result).exports?.memory;
            if (memory) wasmMemories.add(memory);
            return result;
        };
    }
    globalThis.wasmBytes = () => [...wasmMemories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);";

/// In a worker: answers how large they are.
const ANSWER: &str = "
    globalThis.memoryQuestions = new BroadcastChannel('memory-questions');
    globalThis.memoryAnswers = new BroadcastChannel('memory-answers');
    memoryQuestions.onmessage = () => memoryAnswers.postMessage([self.name, wasmBytes()]);
";

/// Asks the workers, and returns megabytes by name once none has answered for a while.
const ASK: &str = "return new Promise((done) => {
        const found = {};
        const answers = new BroadcastChannel('memory-answers');
        answers.onmessage = ({ data: [name, bytes] }) => found[name] = (found[name] ?? 0) + bytes / 1e6;
        const questions = new BroadcastChannel('memory-questions');
        questions.postMessage(null);
        questions.close();
        setTimeout(() => { answers.close(); done(found); }, arguments[0]);
    });";

/// What a page and its workers occupy at one time, after garbage collection.
#[derive(Debug, Serialize)]
pub(crate) struct Occupied {
    /// Steps of the training run.
    pub(crate) steps: u64,
    /// Megabytes of wasm memory, by worker.
    pub(crate) worker_mb: BTreeMap<String, f64>,
    /// Megabytes of the page's wasm memory.
    pub(crate) page_wasm_mb: f64,
    /// Megabytes of the page's JavaScript heap.
    pub(crate) page_heap_mb: f64,
    pub(crate) nodes: u64,
    pub(crate) listeners: u64,
    /// Megabytes of resident memory of the process with the page and its workers.
    pub(crate) process_mb: Option<f64>,
}

/// The results of one backend.
#[derive(Debug, Serialize)]
pub(crate) struct Endurance {
    pub(crate) backend: String,
    /// At these minutes of the long run.
    pub(crate) run: Vec<(u64, Occupied)>,
    /// Passes through the panels during it.
    pub(crate) passes: usize,
    /// How often all panels were opened, without a run.
    pub(crate) opened: usize,
    /// Before and after that.
    pub(crate) panels: [Occupied; 2],
}

/// Trains, drags and walks through the panels for some minutes; then opens all panels `opened` times in a new browser.
pub(crate) async fn measure(
    driver: &Driver,
    server: &Server,
    options: &Options,
    backend: &str,
    (minutes, opened): (u64, usize),
) -> Result<Endurance> {
    let options = &Options {
        before_page: Some(KEEP_MEMORIES),
        ..options.clone()
    };
    let mut files = server.files();
    let script = files.find(|(name, _)| name.ends_with("engine-worker.js"));
    let (_, script) = script.context("the worker's script")?;
    let script = [KEEP_MEMORIES.as_bytes(), ANSWER.as_bytes(), script].concat();
    server.replace(
        |path| path.contains("engine-worker.js"),
        Reply::Bytes(script),
    );
    let (run, passes) = long_run(driver, server, options, backend, minutes).await?;
    let panels = open_panels(driver, server, options, backend, opened).await?;
    server.restore();
    Ok(Endurance {
        backend: backend.to_owned(),
        run,
        passes,
        opened,
        panels,
    })
}

async fn long_run(
    driver: &Driver,
    server: &Server,
    options: &Options,
    backend: &str,
    minutes: u64,
) -> Result<(Vec<(u64, Occupied)>, usize)> {
    let tab = Tab::start(driver.url(), server, options).await?;
    open(&tab, backend).await?;
    let file = images::idx(&images::bars(IMAGES));
    tab.upload_files("upload", &[("bars-idx3-ubyte", &file)])
        .await?;
    tab.wait_text("dataset-count", "counts the images", |text| {
        text.chars()
            .filter(char::is_ascii_digit)
            .eq(IMAGES.to_string().chars())
    })
    .await?;
    let more = "document.querySelector(\"[data-testid='train-more']\").open = true";
    tab.script(more, vec![]).await?;
    let seconds = 60 * minutes + 600;
    tab.set_value("train-seconds", &seconds.to_string()).await?;
    tab.set_value("train-patience", "").await?;
    tab.click("train-start").await?;
    tab.until_within(PATIENCE, "the first step is made", async || {
        Ok((steps(&tab).await? > 0).then_some(()))
    })
    .await?;
    let start = Instant::now();
    let mut stops: Vec<u64> = STOPS.into_iter().filter(|&at| at < minutes).collect();
    stops.push(minutes);
    let (mut run, mut passes) = (Vec::new(), 0);
    for minute in stops {
        let end = start + Duration::from_secs(60 * minute);
        while Instant::now() < end {
            walk(&tab, passes).await?;
            passes += 1;
        }
        let occupied = occupied(driver, &tab).await?;
        eprintln!("  {backend}, minute {minute}, pass {passes}: {occupied:?}");
        run.push((minute, occupied));
    }
    tab.close().await?;
    Ok((run, passes))
}

async fn open_panels(
    driver: &Driver,
    server: &Server,
    options: &Options,
    backend: &str,
    times: usize,
) -> Result<[Occupied; 2]> {
    let tab = Tab::start(driver.url(), server, options).await?;
    open(&tab, backend).await?;
    for _ in 0..WARM_UP {
        open_each(&tab).await?;
    }
    let before = occupied(driver, &tab).await?;
    eprintln!("  {backend}, before: {before:?}");
    for _ in 0..times {
        open_each(&tab).await?;
    }
    let after = occupied(driver, &tab).await?;
    eprintln!("  {backend}, after {times} times all panels: {after:?}");
    tab.close().await?;
    Ok([before, after])
}

async fn open(tab: &Tab, backend: &str) -> Result<()> {
    let address = format!("?backend={backend}&model=mnist-2d&z=0,0&tab=train");
    tab.open(&address).await?;
    tab.wait_backend(Some(backend)).await?;
    tab.settled_pixels(Duration::from_secs(1)).await?;
    Ok(())
}

async fn open_each(tab: &Tab) -> Result<()> {
    for panel in PANELS {
        open_panel(tab, panel).await?;
    }
    Ok(())
}

async fn open_panel(tab: &Tab, panel: &str) -> Result<()> {
    tab.click(&format!("tab-{panel}")).await?;
    let opened = format!(
        "return document.querySelector('main').dataset.panel === '{panel}' \
         && document.querySelector('.panel').innerText.length > 100"
    );
    let what = format!("{panel} is open");
    tab.until_script_within(PATIENCE, &what, &opened).await?;
    Ok(())
}

/// Uses each panel as a person does, and drags z-0 in it. Ends on Train.
async fn walk(tab: &Tab, pass: usize) -> Result<()> {
    for panel in PANELS {
        open_panel(tab, panel).await?;
        match panel {
            "explore" => {
                tab.drag_in("encode-pad", &circle(), STEP).await?;
                tab.click("encode-clear").await?;
            }
            "evidence" => tab.click(&format!("evidence-digit-{}", pass % 10)).await?,
            "learn" => {
                let chapter = 1 + pass % 10;
                tab.click(&format!("learn-chapter-{chapter}")).await?;
                let shown = "return document.querySelector('.chapter .screen > h4') !== null";
                tab.until_script_within(PATIENCE, "the chapter is shown", shown)
                    .await?;
            }
            _ => {}
        }
        tab.drag_in("z-0", &drag::way(60), STEP).await?;
        if panel == "learn" {
            tab.click("learn-list").await?;
        }
    }
    Ok(())
}

fn circle() -> Vec<(f64, f64)> {
    (0..=30)
        .map(|i| TAU * f64::from(i) / 30.0)
        .map(|angle| (0.5 + 0.25 * angle.cos(), 0.5 + 0.3 * angle.sin()))
        .collect()
}

async fn steps(tab: &Tab) -> Result<u64> {
    let text = tab.text("train-step").await?.unwrap_or_default();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    Ok(digits.parse().unwrap_or(0))
}

async fn occupied(driver: &Driver, tab: &Tab) -> Result<Occupied> {
    // Twice: what a finalizer releases goes with the second.
    for _ in 0..2 {
        tab.cdp("HeapProfiler.collectGarbage", json!({})).await?;
        tab.painted().await?;
    }
    let heap = tab.cdp("Runtime.getHeapUsage", json!({})).await?;
    let counts = tab.cdp("Memory.getDOMCounters", json!({})).await?;
    let count = |name: &str| counts[name].as_u64().context("a count");
    let wait = u64::try_from(ANSWERS.as_millis())?;
    let workers: BTreeMap<String, f64> =
        serde_json::from_value(tab.script(ASK, vec![json!(wait)]).await?)?;
    let page: Value = tab.script("return wasmBytes() / 1e6", vec![]).await?;
    let resident = driver.renderers().into_iter().filter_map(resident_mb);
    Ok(Occupied {
        steps: steps(tab).await?,
        worker_mb: workers,
        page_wasm_mb: page.as_f64().context("a size")?,
        page_heap_mb: heap["usedSize"].as_f64().context("a size")? / 1e6,
        nodes: count("nodes")?,
        listeners: count("jsEventListeners")?,
        // The page's is the largest.
        process_mb: resident.max_by(f64::total_cmp),
    })
}

fn resident_mb(process: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1.024 / 1e3)
}
