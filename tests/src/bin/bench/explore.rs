//! Measures the Explore panel: latency from a stroke to q(z|x), and frame times while moving the map.

use crate::stats::Stats;
use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::json;
use std::{f64::consts::TAU, time::Duration};
use tests::browser::{Driver, Options, Server, Tab};

/// One step per frame at 60 Hz.
const STEP: Duration = Duration::from_millis(16);

/// Collects the page's measures, frame times, and tasks that block the main thread.
const COUNT: &str = "
    globalThis.bench = { drawn: [], frames: [], longTasks: [] };
    new PerformanceObserver((list) => {
        for (const entry of list.getEntriesByName('drawing-to-posterior')) {
            bench.drawn.push(entry.duration);
        }
    }).observe({ type: 'measure' });
    new PerformanceObserver((list) => {
        for (const task of list.getEntries()) bench.longTasks.push(task.duration);
    }).observe({ type: 'longtask' });
    let last = performance.now();
    const frame = (now) => {
        bench.frames.push(now - last);
        last = now;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);";

/// Changes a dimension that is not an axis of the map back and forth, and measures the time until the corner image,
/// which is decoded last, belongs to the new plane.
const CHANGE_PLANE: &str = "
    const canvas = document.querySelector(\"[data-testid='map-pictures']\");
    const slider = document.querySelector(\"[data-testid='z-6']\");
    const context = canvas.getContext('2d');
    const corner = () => context.getImageData(0, 0, 28, 28).data.join();
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const times = [];
    performance.clearMeasures('input-to-plane');
    for (let i = 0; i < count; i++) {
        const before = corner();
        slider.value = i % 2 ? '-1' : '1';
        const start = performance.now();
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        while (corner() === before) {
            if (performance.now() - start > 5000) return times;
            await frame();
        }
        times.push(performance.now() - start);
        for (let wait = 0; wait < 10; wait++) await frame();
    }
    return times;";
/// Number of these changes. Times fall into two groups, by whether a frame is painted in between, so few make an
/// unstable median.
const PLANE_CHANGES: usize = 120;

/// Results of one backend.
#[derive(Debug, Serialize)]
pub(crate) struct ExploreResult {
    pub(crate) backend: String,
    /// Milliseconds from a pointer event to q(z|x); `None` if there are no measures.
    pub(crate) encode: Option<Stats>,
    /// Milliseconds between frames while moving the map with 10,000 points.
    pub(crate) frames: Option<Stats>,
    /// Tasks on the main thread of more than 50 ms meanwhile.
    pub(crate) long_tasks: usize,
    /// Milliseconds from an input until a new plane of 16×16 images of the 16-D model is painted.
    pub(crate) plane: Option<Stats>,
    /// The same until the next frame begins.
    pub(crate) plane_frame: Option<Stats>,
}

pub(crate) async fn measure(
    driver: &Driver,
    server: &Server,
    options: &Options,
    backend: &str,
    seconds: u64,
) -> Result<ExploreResult> {
    let tab = Tab::start(driver.url(), server, options).await?;
    tab.open(&format!(
        "?backend={backend}&model=mnist-2d&tab=explore&z=0,0"
    ))
    .await?;
    tab.wait_backend(Some(backend)).await?;
    tab.settled_pixels(Duration::from_secs(1)).await?;
    // Warm-up.
    let circle = |turns: f64| -> Vec<(f64, f64)> {
        (0..40)
            .map(|i| TAU * (turns + f64::from(i) / 40.0))
            .map(|angle| (0.5 + 0.25 * angle.cos(), 0.5 + 0.3 * angle.sin()))
            .collect()
    };
    tab.drag_in("encode-pad", &circle(0.0), STEP).await?;
    tab.settled_pixels(Duration::from_secs(2)).await?;
    tab.script(COUNT, vec![]).await?;
    let time = Duration::from_secs(seconds);
    let start = tokio::time::Instant::now();
    while start.elapsed() < time {
        tab.click("encode-clear").await?;
        tab.drag_in("encode-pad", &circle(0.25), STEP).await?;
    }
    tab.settled_pixels(Duration::from_secs(1)).await?;
    let drawn = tab.script("return bench.drawn;", vec![]).await?;
    let encode: Vec<f64> = serde_json::from_value(drawn)?;

    tab.click("encode-clear").await?;
    tab.set_value("map-points-of", "mnist").await?;
    tab.wait_text("map-status", "all are encoded", |text| {
        text.starts_with("10000 of")
    })
    .await?;
    tab.click("map-zoom-in").await?;
    tab.click("map-zoom-in").await?;
    tab.settled_pixels(Duration::from_secs(2)).await?;
    tab.scroll_to("latent-plane").await?;
    let place = tab.bounds("latent-plane").await?;
    tab.script("bench.frames = []; bench.longTasks = [];", vec![])
        .await?;
    let start = tokio::time::Instant::now();
    let at = |seconds: f64| {
        let angle = TAU * seconds / 3.0;
        let x = place.x + place.width * (0.5 + 0.3 * angle.cos());
        let y = place.y + place.height * (0.5 + 0.3 * angle.sin());
        (x, y)
    };
    // Dragging with Shift moves the map.
    let mouse = async |kind: &str, (x, y): (f64, f64)| {
        let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1,
            "clickCount": 1, "modifiers": 8 });
        tab.cdp("Input.dispatchMouseEvent", event).await
    };
    mouse("mousePressed", at(0.0)).await?;
    while start.elapsed() < time {
        mouse("mouseMoved", at(start.elapsed().as_secs_f64())).await?;
    }
    mouse("mouseReleased", at(0.0)).await?;
    let seen = tab.script("return bench;", vec![]).await?;
    let frames: Vec<f64> = serde_json::from_value(seen["frames"].clone())?;
    let long_tasks = seen["longTasks"].as_array().context("a list")?.len();

    tab.open(&format!(
        "?backend={backend}&model=mnist-16d&tab=explore&axes=9,8"
    ))
    .await?;
    tab.wait_backend(Some(backend)).await?;
    tab.click("reset-z").await?;
    tab.settled_pixels(Duration::from_secs(3)).await?;
    let script = format!("return (async (count) => {{ {CHANGE_PLANE} }})({PLANE_CHANGES});");
    let plane_frame: Vec<f64> = serde_json::from_value(tab.script(&script, vec![]).await?)?;
    let script =
        "return performance.getEntriesByName('input-to-plane').map((entry) => entry.duration);";
    let plane: Vec<f64> = serde_json::from_value(tab.script(script, vec![]).await?)?;
    tab.close().await?;
    Ok(ExploreResult {
        backend: backend.to_owned(),
        encode: Stats::of(encode),
        frames: Stats::of(frames),
        long_tasks,
        plane: Stats::of(plane),
        plane_frame: Stats::of(plane_frame),
    })
}
