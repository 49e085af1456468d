//! Measures the time to the first digit, and to sliders that work, on slow networks.
//!
//! Chromium emulates line and processor ([Chrome DevTools Protocol](https://chromedevtools.github.io/devtools-protocol/):
//! `Network.emulateNetworkConditions`, `Emulation.setCPUThrottlingRate`).

use crate::stats::Stats;
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::json;
use std::time::Duration;
use tests::browser::{Device, Driver, Options, Server, Tab};

/// The page on the slowest network must be complete within this time.
const PATIENCE: Duration = Duration::from_secs(300);

/// A line and a processor.
struct Network {
    name: &'static str,
    /// Megabits per second in both directions.
    megabits: f64,
    /// Milliseconds that the line adds to each reply.
    latency: u32,
    /// How many times slower the processor is.
    processor: u32,
    device: Device,
    /// The target for the median, in milliseconds.
    target: f64,
}

/// The first one is that of Lighthouse's phone.
const NETWORKS: [Network; 2] = [
    Network {
        name: "1.6 Mbit/s, 150 ms, processor 4 times slower, 360×740",
        megabits: 1.6,
        latency: 150,
        processor: 4,
        device: Device::Phone,
        target: 3000.0,
    },
    Network {
        name: "10 Mbit/s, 28 ms",
        megabits: 10.0,
        latency: 28,
        processor: 1,
        device: Device::Desktop,
        target: 900.0,
    },
];

/// Cold starts on one network. Times are milliseconds from the start of the navigation.
#[derive(Debug, Serialize)]
pub(crate) struct SlowStart {
    pub(crate) network: String,
    pub(crate) target: f64,
    pub(crate) first_paint: Stats,
    pub(crate) first_digit: Stats,
    /// Until the first slider is there, after the first digit.
    pub(crate) slider: Stats,
    /// Until an engine draws, which its worker fetches: Chromium's emulation does not slow workers.
    pub(crate) engine: Stats,
}

/// Marks the first frame in which the first slider is there and a digit is drawn.
const MARK_SLIDER: &str = "{
    const look = () => {
        const slider = document.querySelector('[data-testid=\"z-0\"]');
        const drawn = performance.getEntriesByName('first-digit').length > 0;
        if (slider && drawn) performance.mark('slider');
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
    const wait = () => {
        const active = document.querySelector('[data-testid=\"backend-active\"]')?.textContent;
        const drawn = document.querySelector('[data-testid=\"decoded\"]')?.dataset.backend;
        if (active && drawn === active) performance.mark('engine');
        else requestAnimationFrame(wait);
    };
    requestAnimationFrame(wait);
}";

/// Makes `runs` cold starts on each network.
pub(crate) async fn measure(
    driver: &Driver,
    server: &Server,
    options: &Options,
    runs: usize,
) -> Result<Vec<SlowStart>> {
    let mut results = Vec::new();
    for network in &NETWORKS {
        eprintln!("{}: {runs} cold starts", network.name);
        let options = Options {
            device: network.device,
            before_page: Some(MARK_SLIDER),
            ..options.clone()
        };
        let mut times: [Vec<f64>; 4] = Default::default();
        for _ in 0..runs {
            let found = start(driver, server, &options, network).await?;
            eprintln!("  paint, digit, slider, engine: {found:.0?} ms");
            times
                .iter_mut()
                .zip(found)
                .for_each(|(times, ms)| times.push(ms));
        }
        let [first_paint, first_digit, slider, engine] =
            times.map(|times| Stats::of(times).context("no runs"));
        results.push(SlowStart {
            network: network.name.to_owned(),
            target: network.target,
            first_paint: first_paint?,
            first_digit: first_digit?,
            slider: slider?,
            engine: engine?,
        });
    }
    Ok(results)
}

/// One cold start: the times of the first paint, the first digit, the first slider, and an engine's first image.
async fn start(
    driver: &Driver,
    server: &Server,
    options: &Options,
    network: &Network,
) -> Result<[f64; 4]> {
    // A new browser, so that there is no cache and no compiled wasm from the previous run.
    let tab = Tab::start(driver.url(), server, options).await?;
    let bytes_per_second = network.megabits * 1e6 / 8.0;
    tab.cdp("Network.enable", json!({})).await?;
    let line = json!({
        "offline": false,
        "latency": network.latency,
        "downloadThroughput": bytes_per_second,
        "uploadThroughput": bytes_per_second,
    });
    tab.cdp("Network.emulateNetworkConditions", line).await?;
    let rate = json!({ "rate": network.processor });
    tab.cdp("Emulation.setCPUThrottlingRate", rate).await?;
    tab.open("?backend=flex").await?;
    let slider = "return performance.getEntriesByName('slider').length > 0";
    tab.until_script_within(PATIENCE, "a slider is there", slider)
        .await?;
    // The slider works, on the controls of the first digit or on the page's.
    let before = tab.pixels().await?.context("a digit is drawn")?;
    tab.set_z(0, 1.5).await?;
    tab.changed_pixels(&before).await?;
    let script = "const time = name => performance.getEntriesByName(name)[0]?.startTime;
        const times = ['first-contentful-paint', 'first-digit', 'slider', 'engine'].map(time);
        return times.every(time => time > 0) && times;";
    let times = tab
        .until_script_within(PATIENCE, "an engine draws", script)
        .await?;
    tab.close().await?;
    let times: Vec<f64> = serde_json::from_value(times)?;
    ensure!(times.len() == 4, "times: {times:?}");
    Ok([times[0], times[1], times[2], times[3]])
}
