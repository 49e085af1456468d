//! The browser's storage fails, is full, is denied, is deleted, or belongs to another tab.

use super::dataset::{bars, wait_count, wait_saved};
use crate::wait_for_digit;
use anyhow::{Result, ensure};
use serde_json::json;
use tests::{
    browser::{Options, Server, Tab, check, log_line},
    images,
};

/// Defines `loseIndexedDb()`: open connections get a `close` event and are dead, later ones work. Browsers do that to pages
/// in the background.
const LOSABLE: &str = "
    const open = IDBFactory.prototype.open;
    const transaction = IDBDatabase.prototype.transaction;
    const alive = new Set();
    const dead = new WeakSet();
    IDBFactory.prototype.open = function (...args) {
        const request = open.apply(this, args);
        request.addEventListener('success', () => alive.add(request.result));
        return request;
    };
    IDBDatabase.prototype.transaction = function (...args) {
        if (dead.has(this)) throw new DOMException('The connection was lost', 'InvalidStateError');
        return transaction.apply(this, args);
    };
    window.loseIndexedDb = () => {
        const lost = [...alive];
        alive.clear();
        for (const database of lost) {
            dead.add(database);
            database.close();
            database.dispatchEvent(new Event('close'));
        }
        return lost.length;
    };";

/// Counts the requests to keep the data.
const COUNT_PERSIST: &str = "
    window.persistRequests = 0;
    // An empty document, which is the first one of a tab, has none.
    if (globalThis.StorageManager) StorageManager.prototype.persist = async () => { window.persistRequests++; return true; };";

/// Opens Train and adds images, which are then saved.
async fn open_and_save(tab: &Tab, count: usize) -> Result<()> {
    tab.open("?backend=flex&tab=train").await?;
    wait_for_digit(tab).await?;
    add(tab, count, count).await?;
    wait_saved(tab).await
}

/// Adds images, after which there are `total`.
async fn add(tab: &Tab, count: usize, total: usize) -> Result<()> {
    tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(count))])
        .await?;
    wait_count(tab, total).await
}

#[tokio::test]
async fn storage_whose_connection_is_lost_is_opened_again() {
    let options = Options {
        before_page: Some(LOSABLE),
        ..Options::default()
    };
    check(options, async |tab, _| {
        open_and_save(tab, 3).await?;
        let lost = tab.script("return loseIndexedDb()", vec![]).await?;
        ensure!(lost != json!(0), "there is no connection");
        add(tab, 2, 5).await?;
        wait_saved(tab).await?;
        tab.reload().await?;
        wait_for_digit(tab).await?;
        wait_count(tab, 5).await
    })
    .await;
}

#[tokio::test]
async fn storage_that_the_browser_deletes_is_written_again() {
    check(Options::default(), async |tab, _| {
        open_and_save(tab, 3).await?;
        tab.set_value("train-name", "kept").await?;
        wait_saved(tab).await?;
        let delete = "return new Promise((done, fail) => {
            const removal = indexedDB.deleteDatabase('elbo-room');
            removal.onsuccess = () => done(true);
            removal.onerror = () => fail(removal.error);
            removal.onblocked = () => fail('the page holds on to it');
        });";
        tab.script(delete, vec![]).await?;
        add(tab, 2, 5).await?;
        wait_saved(tab).await?;
        tab.reload().await?;
        wait_for_digit(tab).await?;
        wait_count(tab, 5).await?;
        let name = tab.value("train-name").await?;
        ensure!(
            name == "kept",
            "what did not change is written, too: {name:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn storage_is_written_by_one_tab_which_can_be_another() {
    check(Options::default(), async |tab, _| {
        open_and_save(tab, 3).await?;
        tab.script("window.other = window.open(location.href)", vec![]).await?;
        let notice = "return !!other.document.querySelector('[data-testid=\"other-tab-notice\"]')";
        tab.until_script("the other tab says that it does not save", notice).await?;
        let count = "return other.document.querySelector('[data-testid=\"dataset-count\"]')?.textContent.trim() === '3'";
        tab.until_script("it has the images", count).await?;
        ensure!(!tab.visible("other-tab-notice").await?, "this tab saves");

        let take = "other.document.querySelector('[data-testid=\"save-here\"]').click()";
        tab.script(take, vec![]).await?;
        tab.until("this tab says that it saves no longer", async || {
            Ok(tab.visible("other-tab-notice").await?.then_some(()))
        })
        .await?;
        let gone = "return !other.document.querySelector('[data-testid=\"other-tab-notice\"]')";
        tab.until_script("the other tab saves", gone).await?;
        add(tab, 2, 5).await?;
        tab.wait_text("save-state", "says why", |text| text.contains("another tab")).await?;

        tab.script("other.close()", vec![]).await?;
        tab.click("save-here").await?;
        wait_saved(tab).await?;
        tab.reload().await?;
        wait_for_digit(tab).await?;
        wait_count(tab, 5).await?;
        ensure!(!tab.visible("other-tab-notice").await?, "there is no other tab");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn storage_is_to_be_kept_once_there_is_something_to_lose() {
    let options = Options {
        before_page: Some(COUNT_PERSIST),
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=flex&tab=train").await?;
        wait_for_digit(tab).await?;
        tab.set_value("train-name", "mine").await?;
        wait_saved(tab).await?;
        let requests = "return persistRequests";
        ensure!(
            tab.script(requests, vec![]).await? == json!(0),
            "settings are no work"
        );
        add(tab, 3, 3).await?;
        wait_saved(tab).await?;
        add(tab, 2, 5).await?;
        wait_saved(tab).await?;
        let count = tab.script(requests, vec![]).await?;
        ensure!(count == json!(1), "{count} requests");
        Ok(())
    })
    .await;
}

/// Limits what the page may store to this many bytes, or removes the limit.
async fn limit_storage(tab: &Tab, server: &Server, bytes: Option<u32>) -> Result<()> {
    let origin = url::Url::parse(&server.url())?
        .origin()
        .ascii_serialization();
    let mut limit = json!({ "origin": origin });
    if let Some(bytes) = bytes {
        limit["quotaSize"] = json!(bytes);
    }
    tab.cdp("Storage.overrideQuotaForOrigin", limit).await?;
    Ok(())
}

/// An IDX file of images that browsers can't compress.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let pixels: Vec<u8> = (0..count * images::PIXELS).map(|_| random()).collect();
    images::idx(&pixels)
}

#[tokio::test]
async fn storage_that_is_full_is_reported_and_written_once_there_is_room() {
    check(Options::default(), async |tab, server| {
        // Before the page is opened: Chromium asks for the limit now and then only.
        limit_storage(tab, server, Some(200_000)).await?;
        open_and_save(tab, 3).await?;
        // Two megabytes.
        tab.upload_files("upload", &[("noise-idx3-ubyte", &noise(3_000))])
            .await?;
        wait_count(tab, 3_003).await?;
        let notice = tab
            .wait_text("notice", "says that the storage is full", |text| {
                text.contains("is full") && text.contains("delete images or models")
            })
            .await?;
        log_line(notice);
        tab.wait_text("save-state", "says what is not saved", |text| {
            text == "Not saved: the browser’s storage is full"
        })
        .await?;
        limit_storage(tab, server, None).await?;
        wait_saved(tab).await?;
        tab.reload().await?;
        wait_for_digit(tab).await?;
        wait_count(tab, 3_003).await
    })
    .await;
}

#[tokio::test]
async fn storage_that_the_browser_blocks_is_reported_and_the_page_works() {
    let options = Options {
        blocks_storage: true,
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=flex&tab=train").await?;
        let before = wait_for_digit(tab).await?;
        add(tab, 20, 20).await?;
        let notice = tab
            .wait_text("notice", "says that nothing is saved", |text| {
                text.contains("no storage") && text.contains("download what you want to keep")
            })
            .await?;
        log_line(notice);
        tab.wait_text("save-state", "says it, too", |text| {
            text == "Not saved: no storage in this browser"
        })
        .await?;
        tab.set_z(0, 1.75).await?;
        tab.changed_pixels(&before).await?;
        for panel in ["explore", "evidence", "learn", "train"] {
            tab.click(&format!("tab-{panel}")).await?;
            let opened = format!(
                "return document.querySelector('main').dataset.panel === '{panel}' \
                 && document.querySelector('.panel').innerText.length > 100"
            );
            tab.until_script("the panel opens", &opened).await?;
        }
        wait_count(tab, 20).await
    })
    .await;
}
