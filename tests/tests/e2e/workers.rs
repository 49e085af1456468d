//! Workers that fail, stop replying, are missing, or are of another version.

use crate::{CALM, ensure_same, page_text, wait_for_digit};
use anyhow::{Result, ensure};
use serde_json::json;
use tests::browser::{Options, Reply, Tab, check, log_line};

/// Records the page's workers, so that a test can end them without the page's knowledge.
const RECORD_WORKERS: &str = "
    globalThis.heldWorkers = [];
    globalThis.Worker = class extends Worker {
        constructor(...args) { super(...args); heldWorkers.push(this); }
    };";

/// A worker whose protocol has another version.
const STALE: &str =
    "postMessage({ Hello: { protocol: 4096, backend: 'flex' } }); onmessage = () => {};";

fn options() -> Options {
    Options {
        before_page: Some(RECORD_WORKERS),
        expects_errors: true,
        ..Options::default()
    }
}

async fn z_and_image(tab: &Tab) -> Result<(Vec<f32>, Vec<u8>)> {
    wait_for_digit(tab).await?;
    tab.set_z(0, 1.1).await?;
    tab.set_z(1, -0.9).await?;
    let pixels = tab.settled_pixels(CALM).await?;
    Ok((tab.z().await?, pixels))
}

/// Fails unless the page recovers from the loss of its workers: z is kept, and moving it changes the image.
async fn ensure_recovers(tab: &Tab, z: &[f32], image: &[u8]) -> Result<()> {
    let still = tab.z().await?;
    ensure!(still == z, "z was {z:?}, is {still:?}");
    // Moving z changes the image again.
    tab.set_z(0, -1.6).await?;
    let moved = tab.changed_pixels(image).await?;
    tab.set_z(0, z[0]).await?;
    tab.changed_pixels(&moved).await?;
    let again = tab.settled_pixels(CALM).await?;
    ensure_same("before and after the crash of the worker", image, &again)?;
    log_line(format!(
        "continues with {:?}",
        tab.text("backend-active").await?
    ));
    Ok(())
}

#[tokio::test]
async fn worker_that_fails_is_replaced() {
    check(options(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        let (z, image) = z_and_image(tab).await?;
        // `splice`, because the page may start another worker during this loop.
        let kill = "const held = heldWorkers.splice(0);
            for (const w of held) {
                w.terminate();
                w.dispatchEvent(new ErrorEvent('error', { message: 'unreachable executed' }));
            }
            return held.length;";
        let killed = tab.script(kill, vec![]).await?;
        log_line(format!("failed {killed} workers"));
        ensure!(killed != json!(0), "the page has no worker");
        ensure_recovers(tab, &z, &image).await
    })
    .await;
}

#[tokio::test]
async fn worker_that_stops_replying_is_replaced() {
    check(options(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        let (z, image) = z_and_image(tab).await?;
        let kill = "const held = heldWorkers.splice(0);
            for (const w of held) w.terminate();
            return held.length;";
        let killed = tab.script(kill, vec![]).await?;
        log_line(format!("ended {killed} workers without a word"));
        ensure_recovers(tab, &z, &image).await
    })
    .await;
}

#[tokio::test]
async fn worker_of_another_version_is_fetched_again() {
    check(options(), async |tab, server| {
        let stale = Reply::Bytes(STALE.into());
        let is_worker = |path: &str| path.contains("flex") && path.contains(".js");
        server.replace_times(1, is_worker, stale);
        tab.open("?backend=flex&model=mnist-2d").await?;
        wait_for_digit(tab).await?;
        let asked: Vec<_> = server
            .requests()
            .into_iter()
            .filter(|request| is_worker(&request.path))
            .map(|request| request.path)
            .collect();
        log_line(format!("worker scripts asked for: {asked:?}"));
        ensure!(asked.len() >= 2, "the stale worker was used: {asked:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn worker_that_stays_of_another_version_is_not_used() {
    check(options(), async |tab, server| {
        let stale = Reply::Bytes(STALE.into());
        let is_worker = |path: &str| path.contains("flex") && path.contains(".js");
        server.replace(is_worker, stale);
        tab.open("?backend=flex&model=mnist-2d").await?;
        // Either another backend is used, or the page shows an error.
        let outcome = tab.until("the page reacts to the stale worker", async || {
            if tab.visible("error").await? {
                return Ok(tab.text("error").await?.filter(|text| !text.is_empty()));
            }
            let active = tab.text("backend-active").await?;
            Ok(active.filter(|active| active == "ndarray"))
        });
        log_line(format!("a worker that stays stale: {}", outcome.await?));
        let asked = server
            .requests()
            .iter()
            .filter(|r| is_worker(&r.path))
            .count();
        ensure!(
            asked < 10,
            "the page asked {asked} times for a stale worker"
        );
        let text = page_text(tab).await?;
        ensure!(!text.is_empty(), "the page is gone");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn worker_that_is_missing_is_skipped() {
    check(options(), async |tab, server| {
        server.replace(
            |path| path.contains("ndarray") && path.ends_with(".wasm"),
            Reply::NotFound,
        );
        server.replace(
            |path| path.contains("ndarray") && path.contains(".js"),
            Reply::NotFound,
        );
        tab.open("?backend=ndarray&model=mnist-2d").await?;
        let before = wait_for_digit(tab).await?;
        let active = tab.text("backend-active").await?.unwrap_or_default();
        log_line(format!("without the ndarray bundle: {active}"));
        ensure!(active != "ndarray", "{active} can't be active here");
        tab.set_z(0, 1.4).await?;
        tab.changed_pixels(&before).await?;
        Ok(())
    })
    .await;
}
