//! The panels are chunks of the page's program: when they are fetched, and what the page shows until then.

use crate::{wait_for_digit, wait_for_error};
use anyhow::{Result, ensure};
use serde_json::json;
use tests::browser::{Options, Reply, Server, Tab, check, log_line};

/// Each panel's chunk, and an element that is in its panel only.
const PANELS: [(&str, &str); 4] = [
    ("explore", "encode-pad"),
    ("train", "train-start"),
    ("evidence", "evidence-others"),
    ("learn", "learn-progress"),
];

/// Whether the request is for this panel's chunk.
fn is_chunk(path: &str, panel: &str) -> bool {
    path.starts_with("page-") && path.ends_with(&format!("-{panel}.wasm"))
}

async fn wait_for_panel(tab: &Tab, element: &str) -> Result<()> {
    tab.until(format!("the panel with {element}"), async || {
        let found = tab.visible(element).await?;
        Ok((found && !tab.visible("chunk-loading").await?).then_some(()))
    })
    .await
}

/// Waits until the chunks of all panels were asked for.
async fn wait_for_all_chunks(tab: &Tab, server: &Server) -> Result<()> {
    tab.until("all panels are fetched", async || {
        let requests = server.requests();
        let asked = |panel| requests.iter().any(|r| is_chunk(&r.path, panel));
        Ok(PANELS.iter().all(|(panel, _)| asked(panel)).then_some(()))
    })
    .await
}

#[tokio::test]
async fn chunks_are_fetched_after_the_first_digit() {
    check(Options::default(), async |tab, server| {
        tab.open("?backend=flex").await?;
        wait_for_all_chunks(tab, server).await?;
        // Chunks that several panels share have the same names with a number.
        let early = "const first = performance.getEntriesByName('first-digit')[0].startTime;
            const pattern = /page-[0-9a-f]+-(explore|train|evidence|learn|shared-[0-9]+)[.]wasm$/;
            const chunks = performance.getEntriesByType('resource')
                .filter((entry) => pattern.test(entry.name));
            return [chunks.length, chunks.filter((entry) => entry.startTime < first).map((entry) => entry.name)];";
        let found = tab.script(early, vec![]).await?;
        log_line(format!("chunks, and those before the first digit: {found}"));
        ensure!(found[1] == json!([]), "chunks before the first digit: {found}");
        ensure!(found[0].as_u64() >= Some(4), "too few chunks: {found}");
        // They are used, not fetched again.
        let before = server.requests().len();
        for (panel, element) in PANELS {
            tab.click(&format!("tab-{panel}")).await?;
            wait_for_panel(tab, element).await?;
        }
        let again: Vec<_> = server.requests()[before..]
            .iter()
            .filter(|request| request.path.ends_with(".wasm") && request.path.starts_with("page-"))
            .map(|request| request.path.clone())
            .collect();
        ensure!(again.is_empty(), "fetched again: {again:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn chunk_of_a_panel_in_the_address_is_fetched_at_once() {
    check(Options::default(), async |tab, server| {
        for (panel, element) in PANELS {
            server.forget();
            tab.open(&format!("?backend=flex&tab={panel}")).await?;
            wait_for_panel(tab, element).await?;
            let requests = server.requests();
            let first = requests.iter().find(|request| {
                PANELS
                    .iter()
                    .any(|(panel, _)| is_chunk(&request.path, panel))
            });
            ensure!(
                first.is_some_and(|request| is_chunk(&request.path, panel)),
                "{panel}: the first chunk was {first:?}"
            );
            // Otherwise the next page's requests would be mixed with this one's.
            wait_for_all_chunks(tab, server).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn panel_says_that_it_is_loading_and_others_open() {
    check(Options::default(), async |tab, server| {
        server.replace(|path| is_chunk(path, "evidence"), Reply::Never);
        tab.open("?backend=flex&tab=evidence").await?;
        wait_for_digit(tab).await?;
        tab.wait_text("chunk-loading", "says that it is loading", |text| {
            text.contains("Loading")
        })
        .await?;
        tab.click("tab-explore").await?;
        wait_for_panel(tab, "encode-pad").await
    })
    .await;
}

#[tokio::test]
async fn panel_that_was_not_loaded_can_be_tried_again() {
    let options = Options {
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, server| {
        server.replace_times(2, |path| is_chunk(path, "evidence"), Reply::NotFound);
        tab.open("?backend=flex&tab=evidence").await?;
        for attempt in 1..=2 {
            let message = wait_for_error(tab).await?;
            log_line(format!("attempt {attempt}: {message}"));
            ensure!(
                message.contains("Evidence could not be loaded"),
                "{message}"
            );
            let asked = server.requests().len();
            tab.click("chunk-retry").await?;
            tab.until("another attempt", async || {
                let requests = server.requests();
                let again = requests[asked..]
                    .iter()
                    .any(|r| is_chunk(&r.path, "evidence"));
                Ok(again.then_some(()))
            })
            .await?;
        }
        wait_for_panel(tab, "evidence-others").await?;
        ensure!(!tab.visible("error").await?, "the message is still there");
        // The rest of the page works as before.
        wait_for_digit(tab).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn panel_that_was_not_fetched_ahead_is_fetched_when_it_is_opened() {
    let options = Options {
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, server| {
        server.replace_times(1, |path| is_chunk(path, "train"), Reply::NotFound);
        tab.open("?backend=flex").await?;
        wait_for_digit(tab).await?;
        wait_for_all_chunks(tab, server).await?;
        tab.click("tab-train").await?;
        wait_for_panel(tab, "train-start").await
    })
    .await;
}
