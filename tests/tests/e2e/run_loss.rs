//! What a run loses when its worker, its GPU device, the page's process or the window ends: at most ten seconds.

use super::{
    device_loss::{self, DestroyedDevice},
    persistence::run_past_a_checkpoint,
    run_log::{Point, RECORD_RUNS, logs, wait_long_after_checkpoint},
    training::{step, wait_status, wait_step},
};
use crate::wait_for_digit;
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::time::Duration;
use tests::browser::{Gpu, Options, Tab, check, log_line};

/// The most seconds of training that may be lost.
const MOST: f64 = 10.0;

/// Without an event of its end, a worker is noticed after a minute without messages.
const NOTICED: Duration = Duration::from_secs(120);

fn options() -> Options {
    Options {
        before_page: Some(RECORD_RUNS),
        expects_errors: true,
        ..Options::default()
    }
}

fn ensure_little_is_lost(what: &str, reached: Point, continued: Point) -> Result<()> {
    let (steps, seconds) = (
        reached.step.saturating_sub(continued.step),
        reached.seconds - continued.seconds,
    );
    log_line(format!(
        "{what}: at step {} after {:.1} s, continued at step {} after {:.1} s: {steps} steps and {seconds:.1} s are lost",
        reached.step, reached.seconds, continued.step, continued.seconds
    ));
    ensure!(continued.step > 0, "{what}: the run starts over");
    ensure!(seconds <= MOST, "{what}: {seconds:.1} s are lost");
    Ok(())
}

/// Waits until another worker makes steps, and returns the first one of it.
async fn wait_for_another_worker(tab: &Tab, workers: usize) -> Result<Point> {
    tab.until_within(NOTICED, "another worker makes steps", async || {
        let logs = logs(tab).await?;
        let another = logs.get(workers..).unwrap_or_default();
        Ok(another.iter().find_map(|log| log.first))
    })
    .await
}

/// The notices that contain this text.
async fn count_notices(tab: &Tab, text: &str) -> Result<u64> {
    let script = "return [...document.querySelectorAll('[data-testid=notice]')]
        .filter((notice) => notice.textContent.includes(arguments[0])).length;";
    let count = tab.script(script, vec![json!(text)]).await?;
    count.as_u64().context("a count")
}

#[tokio::test]
async fn training_worker_that_ends_without_a_word_is_replaced() {
    check(options(), async |tab, _| {
        run_past_a_checkpoint(tab, "flex").await?;
        let reached = wait_long_after_checkpoint(tab).await?;
        let workers = logs(tab).await?.len();
        tab.script("trainingWorkers.at(-1).worker.terminate()", vec![])
            .await?;
        let continued = wait_for_another_worker(tab, workers).await?;
        ensure_little_is_lost("worker", reached, continued)?;
        let notice = "continues from its last checkpoint";
        ensure!(count_notices(tab, notice).await? == 1, "it is said once");
        wait_step(tab, reached.step + 5).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn training_continues_on_a_cpu_after_its_device_is_destroyed_on_webgpu() {
    let options = Options {
        gpu: Gpu::Software,
        ..options()
    };
    check(options, async |tab, server| {
        device_loss::make_destroyable(server)?;
        run_past_a_checkpoint(tab, "webgpu").await?;
        let reached = wait_long_after_checkpoint(tab).await?;
        let workers = logs(tab).await?.len();
        device_loss::destroy(tab, DestroyedDevice::Training).await?;
        let continued = wait_for_another_worker(tab, workers).await?;
        ensure_little_is_lost("GPU device", reached, continued)?;
        let facts = tab.text("train-facts").await?.unwrap_or_default();
        ensure!(facts.contains("flex"), "the run continues on {facts:?}");
        let notice = "continues from its last checkpoint";
        ensure!(count_notices(tab, notice).await? == 1, "it is said once");
        // The device of the stage is another one.
        ensure!(tab.text("backend-active").await?.as_deref() == Some("webgpu"));
        wait_step(tab, reached.step + 5).await?;
        Ok(())
    })
    .await;
}

/// The point at which the page offers to continue.
async fn offered(tab: &Tab) -> Result<Point> {
    let text = tab
        .wait_text("train-interrupted", "offers the run", |text| {
            text.contains("interrupted at step")
        })
        .await?;
    let after = |words: &str| {
        let (_, rest) = text.split_once(words)?;
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        rest[..end].parse::<u32>().ok()
    };
    let step = after("at step ").with_context(|| format!("no step: {text}"))?;
    let seconds = after("after ").with_context(|| format!("no seconds: {text}"))?;
    Ok(Point {
        step: step.into(),
        seconds: seconds.into(),
    })
}

/// Opens the page again, after it ended when the run was there.
async fn ensure_run_is_offered(tab: &Tab, what: &str, reached: Point) -> Result<()> {
    tab.open("?backend=flex&model=mnist-2d&z=0.5,0.5&tab=train")
        .await?;
    wait_for_digit(tab).await?;
    let offered = offered(tab).await?;
    ensure_little_is_lost(what, reached, offered)?;
    ensure!(
        step(tab).await? == offered.step,
        "the panel shows the same step"
    );
    tab.click("train-resume").await?;
    wait_status(tab, "running").await?;
    wait_step(tab, offered.step + 5).await?;
    Ok(())
}

#[tokio::test]
async fn run_is_offered_after_the_process_of_the_page_is_killed() {
    check(options(), async |tab, _| {
        let spare = tab.spare_window().await?;
        run_past_a_checkpoint(tab, "flex").await?;
        let reached = wait_long_after_checkpoint(tab).await?;
        tab.kill_page(spare).await?;
        ensure_run_is_offered(tab, "killed process", reached).await
    })
    .await;
}

#[tokio::test]
async fn run_is_offered_after_the_window_is_closed() {
    check(options(), async |tab, _| {
        let spare = tab.spare_window().await?;
        run_past_a_checkpoint(tab, "flex").await?;
        let reached = wait_long_after_checkpoint(tab).await?;
        tab.close_page(spare).await?;
        ensure_run_is_offered(tab, "closed window", reached).await
    })
    .await;
}
