//! Measures the Learn panel: the time until a chapter is shown, and the latency of dragging inside one.

use crate::{drag, stats::Stats};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::{f64::consts::TAU, time::Duration};
use tests::browser::{Driver, Options, Server, Tab};

/// One step per frame at 60 Hz.
const STEP: Duration = Duration::from_millis(16);
/// Number of chapters.
const CHAPTERS: usize = 10;

/// Opens a chapter from the list, and gives the milliseconds to the frame after that with its first screen.
const OPEN: &str = "
    const find = (id) => document.querySelector(`[data-testid='${id}']`);
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    while (!find(`learn-chapter-${chapter}`)) await frame();
    await frame();
    const start = performance.now();
    find(`learn-chapter-${chapter}`).click();
    while (!document.querySelector('.chapter .screen > h4')) {
        if (performance.now() - start > 20000) return null;
        await frame();
    }
    await frame();
    const time = performance.now() - start;
    find('learn-list').click();
    return time;";

/// Results of one backend.
#[derive(Debug, Serialize)]
pub(crate) struct LearnResult {
    pub(crate) backend: String,
    /// Milliseconds from the click on a chapter in the list to the frame after that with its first screen.
    pub(crate) open: Option<Stats>,
    /// Milliseconds from an input to the pixels of the stage, dragging q(z|x) in chapter 4.
    pub(crate) guess: Option<Stats>,
    /// The same, dragging z-0 in chapter 1.
    pub(crate) slider: Option<Stats>,
}

pub(crate) async fn measure(
    driver: &Driver,
    server: &Server,
    options: &Options,
    backend: &str,
    (rounds, seconds): (usize, u64),
) -> Result<LearnResult> {
    let tab = Tab::start(driver.url(), server, options).await?;
    let mut open = Vec::new();
    for _ in 0..rounds {
        tab.open(&format!("?backend={backend}&model=mnist-2d&tab=learn"))
            .await?;
        tab.wait_backend(Some(backend)).await?;
        tab.settled_pixels(Duration::from_secs(1)).await?;
        for chapter in 1..=CHAPTERS {
            let script = format!("return (async (chapter) => {{ {OPEN} }})({chapter});");
            let time = tab.script(&script, vec![]).await?.as_f64();
            open.push(time.with_context(|| format!("chapter {chapter} opens"))?);
        }
    }

    let start = async |place: &str| -> Result<()> {
        tab.open(&format!("?backend={backend}&learn={place}"))
            .await?;
        tab.wait_backend(Some(backend)).await?;
        tab.settled_pixels(Duration::from_secs(2)).await?;
        Ok(())
    };
    start("1.1").await?;
    let (slider, _) = drag::times(&tab, seconds).await?;

    start("4.2").await?;
    // A circle around the middle, which begins at the handle of the mean.
    let circle: Vec<(f64, f64)> = (0..=60)
        .map(|i| TAU * f64::from(i) / 60.0)
        .map(|angle| (0.5 + 0.2 * angle.sin(), 0.5 + 0.2 * (1.0 - angle.cos())))
        .collect();
    tab.drag_in("learn-guess", &circle, STEP).await?;
    let guess = drag::times_in(&tab, "learn-guess", &circle, seconds)
        .await?
        .0;
    ensure!(!guess.is_empty(), "dragging q(z|x) had no effect");
    tab.close().await?;
    Ok(LearnResult {
        backend: backend.to_owned(),
        open: Stats::of(open),
        guess: Stats::of(guess),
        slider: Stats::of(slider),
    })
}
