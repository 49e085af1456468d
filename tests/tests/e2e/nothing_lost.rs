//! A tab that closes, a worker that dies, a storage that is full: nothing is lost.

use crate::{
    CALM,
    e2e::training::{bars, step, wait_count, wait_status, wait_step},
    ensure_same, page_text, wait_for_digit,
};
use anyhow::{Result, ensure};
use serde_json::json;
use std::time::Duration;
use tests::browser::{Options, Tab, check, say};

/// Begins a run of two thousand steps, and gives its step once a checkpoint is kept.
async fn run_past_a_checkpoint(tab: &Tab) -> Result<u64> {
    tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
    wait_for_digit(tab).await?;
    tab.bring("upload", &[("bars-idx3-ubyte", &bars(60))])
        .await?;
    wait_count(tab, 60).await?;
    tab.script("document.querySelector('details').open = true", vec![])
        .await?;
    tab.set_value("train-name", "bars").await?;
    tab.set_value("train-seconds", "600").await?;
    tab.set_value("train-patience", "").await?;
    tab.set_value("train-beta", "0.5").await?;
    tab.click("train-start").await?;
    wait_step(tab, 1).await?;
    // A checkpoint comes every five seconds, and is written at once.
    tokio::time::sleep(Duration::from_secs(9)).await;
    step(tab).await
}

async fn wait_interrupted(tab: &Tab) -> Result<u64> {
    tab.wait_text("train-interrupted", "tells of the run", |text| {
        text.contains("bars")
    })
    .await?;
    step(tab).await
}

#[tokio::test]
async fn a_reload_in_mid_training_loses_at_most_ten_seconds() {
    check(Options::default(), async |tab, _| {
        let reached = run_past_a_checkpoint(tab).await?;
        tab.reload().await?;
        wait_for_digit(tab).await?;
        let kept = wait_interrupted(tab).await?;
        say(format!("at step {reached} before, at {kept} after"));
        ensure!(kept > 0, "no step was kept");
        wait_count(tab, 60).await?;
        ensure!(tab.value("train-beta").await? == "0.5", "the settings");
        let points = "return document.querySelectorAll('.chart path, .chart polyline').length";
        ensure!(tab.script(points, vec![]).await? != json!(0), "the chart");

        tab.click("train-resume").await?;
        wait_status(tab, "running").await?;
        let on = wait_step(tab, kept + 5).await?;
        say(format!("goes on at step {on}"));
        tab.click("train-stop").await?;
        wait_status(tab, "done").await?;
        let drawn = tab.settled_pixels(CALM).await?;
        ensure!(tab.value("model").await? == "bars");
        let z = tab.z().await?;

        // The model is kept three seconds after its last change.
        tokio::time::sleep(Duration::from_secs(5)).await;
        tab.reload().await?;
        let again = wait_for_digit(tab).await?;
        ensure!(tab.value("model").await? == "bars", "the model is gone");
        ensure!(tab.z().await? == z, "z has changed");
        ensure_same("before and after the reload", &drawn, &again)?;
        ensure!(
            !tab.visible("train-interrupted").await?,
            "a run that has ended was not interrupted"
        );
        Ok(())
    })
    .await;
}

/// Keeps hold of the page's workers, so that a test can end one behind the page's back.
const HOLD_WORKERS: &str = "
    globalThis.heldWorkers = [];
    globalThis.Worker = class extends Worker {
        constructor(url, options) { super(url, options); heldWorkers.push([options?.name, this]); }
    };";

#[tokio::test]
async fn a_run_whose_worker_dies_goes_on_by_itself() {
    let options = Options {
        before_page: Some(HOLD_WORKERS),
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, _| {
        let reached = run_past_a_checkpoint(tab).await?;
        let kill = "const held = heldWorkers.filter(([name]) => name?.startsWith('training'));
            for (const [, w] of held) {
                w.terminate();
                w.dispatchEvent(new ErrorEvent('error', { message: 'unreachable executed' }));
            }
            return held.length;";
        ensure!(tab.script(kill, vec![]).await? == json!(1));
        tab.wait_text("notice", "says that the worker stopped", |text| {
            text.contains("goes on from its last checkpoint")
        })
        .await?;
        let on = wait_step(tab, reached + 5).await?;
        say(format!("killed at step {reached}, at {on} again"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn forgetting_everything_leaves_nothing() {
    check(Options::default(), async |tab, _| {
        run_past_a_checkpoint(tab).await?;
        tab.click("train-stop").await?;
        wait_status(tab, "done").await?;
        tokio::time::sleep(Duration::from_secs(4)).await;
        tab.click("forget").await?;
        tab.click("forget-confirm").await?;
        tab.until("the page is at its bare address", async || {
            Ok((!tab.address().await?.contains("tab=train")).then_some(()))
        })
        .await?;
        for what in ["once", "and after a reload"] {
            tab.open("?backend=flex&tab=train").await?;
            wait_for_digit(tab).await?;
            wait_count(tab, 0).await?;
            ensure!(!page_text(tab).await?.contains("bars"), "{what}: the model");
            ensure!(!tab.visible("train-interrupted").await?, "{what}: the run");
        }
        let left = "return new Promise((done) => {
            const request = indexedDB.open('elbo-room');
            request.onsuccess = () => {
                const store = request.result.transaction('blobs').objectStore('blobs');
                store.getAllKeys().onsuccess = (event) => done(event.target.result);
            };
        })";
        let left = tab.script(left, vec![]).await?;
        ensure!(left == json!([]), "still there: {left}");
        Ok(())
    })
    .await;
}

/// What a test does to the storage before the page sees it.
async fn without_storage(before_page: &'static str, says: &'static str) {
    let options = Options {
        before_page: Some(before_page),
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        tab.bring("upload", &[("bars-idx3-ubyte", &bars(20))])
            .await?;
        wait_count(tab, 20).await?;
        let notice = tab
            .wait_text("notice", "says that nothing is kept", |text| {
                text.contains(says)
            })
            .await?;
        say(notice);
        tab.click("train-start").await?;
        wait_step(tab, 5).await?;
        tab.click("train-stop").await?;
        wait_status(tab, "done").await
    })
    .await;
}

#[tokio::test]
async fn work_goes_on_where_storage_is_denied() {
    without_storage(
        "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };",
        "offers this page no storage",
    )
    .await;
}

#[tokio::test]
async fn work_goes_on_where_storage_is_full() {
    without_storage(
        "IDBObjectStore.prototype.put = () => {
            throw new DOMException('no room', 'QuotaExceededError');
        };",
        "is full",
    )
    .await;
}
