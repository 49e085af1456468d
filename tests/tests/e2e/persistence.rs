//! Images, settings, models and runs outlive the tab, a crash of a worker, and the version of the page.

use crate::{
    CALM,
    e2e::{
        dataset::{bars, wait_count, wait_saved},
        storage::{self, DatabaseDump},
        training::{step, wait_status, wait_step},
    },
    ensure_same, page_text, wait_for_digit,
};
use anyhow::{Result, ensure};
use serde_json::json;
use std::time::Duration;
use tests::browser::{Options, Tab, check, log_line};

/// A checkpoint is made every five seconds; training shares two cores with the browser.
const CHECKPOINT: Duration = Duration::from_secs(120);

/// Starts a run on bars, in a worker of this backend, and returns its step once a checkpoint is stored.
pub(super) async fn run_past_a_checkpoint(tab: &Tab, backend: &str) -> Result<u64> {
    let address = format!("?backend={backend}&model=mnist-2d&z=0.5,0.5&tab=train");
    tab.open(&address).await?;
    tab.wait_backend(Some(backend)).await?;
    wait_for_digit(tab).await?;
    tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(60))])
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
    tab.until_within(CHECKPOINT, "a checkpoint is stored", async || {
        Ok(storage::stored_step(tab).await?.filter(|&step| step > 0))
    })
    .await?;
    step(tab).await
}

async fn wait_interrupted(tab: &Tab) -> Result<u64> {
    tab.wait_text("train-interrupted", "names the run", |text| {
        text.contains("bars")
    })
    .await?;
    step(tab).await
}

#[tokio::test]
async fn persistence_reload_during_training_loses_at_most_ten_seconds() {
    check(Options::default(), async |tab, _| {
        let reached = run_past_a_checkpoint(tab, "flex").await?;
        tab.reload().await?;
        wait_for_digit(tab).await?;
        let restored = wait_interrupted(tab).await?;
        log_line(format!("at step {reached} before, at {restored} after"));
        ensure!(restored > 0, "no step was restored");
        wait_count(tab, 60).await?;
        ensure!(tab.value("train-beta").await? == "0.5", "the settings");
        let points = "return document.querySelectorAll('.chart path, .chart polyline').length";
        ensure!(tab.script(points, vec![]).await? != json!(0), "the chart");

        tab.click("train-resume").await?;
        wait_status(tab, "running").await?;
        let resumed = wait_step(tab, restored + 5).await?;
        log_line(format!("resumed, at step {resumed}"));
        tab.click("train-stop").await?;
        wait_status(tab, "done").await?;
        let drawn = tab.settled_pixels(CALM).await?;
        ensure!(tab.value("model").await? == "bars");
        let z = tab.z().await?;

        wait_saved(tab).await?;
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

#[tokio::test]
async fn persistence_saves_pending_changes_when_the_page_is_closed() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        // Two megabytes, which the browser does not receive as one value before the page is closed.
        tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(3_000))])
            .await?;
        wait_count(tab, 3_000).await?;
        wait_saved(tab).await?;
        // In one task, so that no timer of the page can fire between the changes and the reload.
        let change_and_reload = "const find = (id) => document.querySelector(`[data-testid='${id}']`);
            find('gallery-clear').click();
            find('gallery-undo').click();
            for (const key of ['Home', ' ', 'Delete']) {
                find('gallery').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
            }
            const name = find('train-name');
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(name, 'stripes');
            name.dispatchEvent(new Event('input', { bubbles: true }));
            name.dispatchEvent(new Event('change', { bubbles: true }));
            location.reload();";
        tab.script(change_and_reload, vec![]).await?;
        wait_for_digit(tab).await?;
        wait_count(tab, 2_999).await?;
        tab.until("the name is restored", async || {
            Ok((tab.value("train-name").await? == "stripes").then_some(()))
        })
        .await?;

        // A model is written three seconds after it changed, unless the page is closed before.
        let example = include_bytes!("../../../crates/checkpoints/tests/samples/example.pt");
        tab.upload_files("import-weights", &[("example.pt", example)])
            .await?;
        tab.until("the imported model is in use", async || {
            Ok((tab.value("model").await? == "example").then_some(()))
        })
        .await?;
        tab.until("the URL names it", async || {
            Ok(tab.url().await?.contains("model=example").then_some(()))
        })
        .await?;
        tab.reload().await?;
        // The model of the example decodes to an image of one colour, so it is not a digit that is awaited.
        tab.wait_backend(Some("flex")).await?;
        tab.until("the imported model is restored", async || {
            Ok((tab.value("model").await? == "example").then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn persistence_restores_what_the_previous_version_stored() {
    check(Options::default(), async |tab, server| {
        let dump = DatabaseDump::of_previous_version()?;
        let interrupted_at = storage::step_of_run(&dump.record("run")?)?;
        dump.install(tab, server).await?;
        tab.open("?backend=flex&model=bars&tab=train").await?;
        wait_for_digit(tab).await?;
        ensure!(tab.value("model").await? == "bars", "the model");
        wait_count(tab, 24).await?;
        let labels =
            "return [...document.querySelectorAll('.label-counts b')].map((e) => e.textContent);";
        ensure!(
            tab.script(labels, vec![]).await? == json!(["0", "1"]),
            "the labels"
        );
        let restored = wait_interrupted(tab).await?;
        ensure!(
            restored == interrupted_at,
            "the run is at step {restored}, not {interrupted_at}"
        );
        let open = "document.querySelector('[data-testid=train-more]').open = true";
        tab.script(open, vec![]).await?;
        for (field, value) in [
            // The stored name is that of the model, so the panel proposes the next one.
            ("train-name", "bars-2"),
            ("train-hidden", "2"),
            ("train-beta", "0.5"),
            ("train-patience", ""),
        ] {
            let restored = tab.value(field).await?;
            ensure!(restored == value, "{field} is {restored:?}, not {value:?}");
        }
        let points = "return document.querySelectorAll('.chart path, .chart polyline').length";
        ensure!(tab.script(points, vec![]).await? != json!(0), "the chart");

        tab.click("train-resume").await?;
        wait_status(tab, "running").await?;
        wait_step(tab, restored + 5).await?;
        tab.click("train-stop").await?;
        wait_status(tab, "done").await
    })
    .await;
}

/// Records the page's workers, so that a test can end one without the page's knowledge.
const RECORD_WORKERS: &str = "
    globalThis.heldWorkers = [];
    globalThis.Worker = class extends Worker {
        constructor(url, options) { super(url, options); heldWorkers.push([options?.name, this]); }
    };";

#[tokio::test]
async fn training_resumes_from_a_checkpoint_when_its_worker_dies() {
    let options = Options {
        before_page: Some(RECORD_WORKERS),
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, _| {
        let reached = run_past_a_checkpoint(tab, "flex").await?;
        let kill = "const held = heldWorkers.filter(([name]) => name?.startsWith('training'));
            for (const [, w] of held) {
                w.terminate();
                w.dispatchEvent(new ErrorEvent('error', { message: 'unreachable executed' }));
            }
            return held.length;";
        ensure!(tab.script(kill, vec![]).await? == json!(1));
        tab.wait_text("notice", "says that the worker stopped", |text| {
            text.contains("continues from its last checkpoint")
        })
        .await?;
        let resumed = wait_step(tab, reached + 5).await?;
        log_line(format!("killed at step {reached}, at {resumed} again"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn persistence_delete_all_leaves_nothing() {
    check(Options::default(), async |tab, _| {
        run_past_a_checkpoint(tab, "flex").await?;
        tab.click("train-stop").await?;
        wait_status(tab, "done").await?;
        wait_saved(tab).await?;
        let stored = storage::keys(tab).await?;
        let names = stored.iter().filter(|key| key.is_string());
        ensure!(names.count() == 5, "stored are {stored:?}");
        tab.click("forget").await?;
        tab.click("forget-confirm").await?;
        tab.until("the page is at its bare address", async || {
            Ok((!tab.url().await?.contains("tab=train")).then_some(()))
        })
        .await?;
        for visit in ["the first visit", "the second visit"] {
            tab.open("?backend=flex&tab=train").await?;
            wait_for_digit(tab).await?;
            wait_count(tab, 0).await?;
            ensure!(
                !page_text(tab).await?.contains("bars"),
                "{visit}: the model"
            );
            ensure!(!tab.visible("train-interrupted").await?, "{visit}: the run");
        }
        let stored = storage::keys(tab).await?;
        ensure!(stored.is_empty(), "still stored: {stored:?}");
        Ok(())
    })
    .await;
}

/// Trains while the browser's storage fails in a way that `before_page` causes.
async fn without_storage(before_page: &'static str, message: &'static str, summary: &'static str) {
    let options = Options {
        before_page: Some(before_page),
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(20))])
            .await?;
        wait_count(tab, 20).await?;
        let notice = tab
            .wait_text("notice", "reports that nothing is saved", |text| {
                text.contains(message)
            })
            .await?;
        log_line(notice);
        tab.wait_text("save-state", "says that the images are not saved", |text| {
            text == format!("Not saved: {summary}")
        })
        .await?;
        tab.click("train-start").await?;
        wait_step(tab, 5).await?;
        tab.click("train-stop").await?;
        wait_status(tab, "done").await
    })
    .await;
}

#[tokio::test]
async fn persistence_denied_is_reported_and_training_works() {
    without_storage(
        "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };",
        "offers this page no storage",
        "no storage in this browser",
    )
    .await;
}

#[tokio::test]
async fn persistence_full_is_reported_and_training_works() {
    without_storage(
        "IDBObjectStore.prototype.put = () => {
            throw new DOMException('no room', 'QuotaExceededError');
        };",
        "is full",
        "the browser’s storage is full",
    )
    .await;
}
