//! Models of other hosts: `?model=URL`.

use crate::{ensure_same, wait_for_digit, wait_for_error};
use anyhow::{Result, ensure};
use serde_json::json;
use tests::{
    browser::{Device, Options, Server, Tab, check, dist},
    native_decode::native_decode,
};

const WEIGHTS: &[u8] = include_bytes!("../../../weights/mnist-2d.safetensors");
const CARD: &[u8] = include_bytes!("../../../weights/mnist-2d.json");

const OWN_MODELS: &str = "return [...document.querySelectorAll(
    '[data-testid=own-models] option')].map((e) => e.value);";

fn encoded(url: &str) -> String {
    url.replace(':', "%3A").replace('/', "%2F")
}

async fn open(tab: &Tab, url: &str, more: &str) -> Result<()> {
    tab.open(&format!("?backend=flex&model={}{more}", encoded(url)))
        .await?;
    tab.until("the question is shown", async || {
        Ok(tab.visible("import-address").await?.then_some(()))
    })
    .await
}

/// Requests to the other host.
fn elsewhere(server: &Server) -> usize {
    let requests = server.requests().into_iter();
    requests
        .filter(|request| request.path.starts_with("/elsewhere/"))
        .count()
}

#[tokio::test]
async fn model_of_another_host_is_fetched_after_a_question_and_not_stored() {
    check(Options::default(), async |tab, server| {
        let url = server.share("far.safetensors", WEIGHTS.to_vec(), true);
        server.share("far.json", CARD.to_vec(), true);
        open(tab, &url, "&z=0.5,-1").await?;
        let text = tab.text("import-address").await?.unwrap_or_default();
        ensure!(text.contains("far.safetensors") && text.contains("localhost"), "{text}");
        wait_for_digit(tab).await?;
        ensure!(elsewhere(server) == 0, "requested before the answer");

        tab.click("import-address-fetch").await?;
        tab.until("the model is current", async || {
            Ok((tab.value("model").await? == "far").then_some(()))
        })
        .await?;
        let expected = native_decode(&dist().join("weights"), "mnist-2d", &[0.5, -1.0])?;
        let pixels = tab
            .until("its image at the z of the address is shown", async || {
                let pixels = tab.pixels().await?;
                Ok(pixels.filter(|pixels| crate::difference(pixels, &expected, 2).1 == 0))
            })
            .await?;
        ensure_same("decoded", &pixels, &expected)?;
        ensure!(tab.visible("import-not-stored").await?, "says that it is not stored");
        let address = tab.url().await?;
        ensure!(address.contains("far.safetensors"), "a link to the page keeps the address: {address}");

        // Without keeping it, the next visit asks again, and without the address there is no such model.
        tab.open("?backend=flex&model=mnist-2d").await?;
        wait_for_digit(tab).await?;
        ensure!(tab.script(OWN_MODELS, vec![]).await? == json!([]), "it was stored");

        open(tab, &url, "").await?;
        tab.click("import-address-fetch").await?;
        tab.until("it is there", async || {
            Ok(tab.visible("import-keep").await?.then_some(()))
        })
        .await?;
        tab.click("import-keep").await?;
        tab.until_script("it is stored", "
            const opened = indexedDB.open('elbo-room');
            const result = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
            return result(opened).then(async (database) => {
                const keys = await result(database.transaction('blobs').objectStore('blobs').getAllKeys());
                database.close();
                return keys.includes('model/far');
            });")
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn model_of_another_host_can_be_declined() {
    check(Options::default(), async |tab, server| {
        let url = server.share("far.safetensors", WEIGHTS.to_vec(), true);
        open(tab, &url, "").await?;
        tab.click("import-address-decline").await?;
        tab.until("the question is closed", async || {
            Ok((!tab.visible("import-address").await?).then_some(()))
        })
        .await?;
        wait_for_digit(tab).await?;
        ensure!(elsewhere(server) == 0);
        tab.until("the address names the default model", async || {
            Ok((!tab.url().await?.contains("far")).then_some(()))
        })
        .await
    })
    .await;
}

/// What of the question is not in view at any time of the next second: the page scrolls to a panel when it opens and once more
/// when its content is laid out.
const HIDDEN: &str = "
    const parts = ['.import-report h2', '[data-testid=import-address-fetch]', '[data-testid=import-address-decline]'];
    const isSeen = (selector) => {
        const at = document.querySelector(selector)?.getBoundingClientRect();
        if (!at || at.top < 0 || at.bottom > innerHeight || at.left < 0 || at.right > innerWidth) return false;
        const drawn = document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2);
        return document.querySelector(selector).contains(drawn);
    };
    const hidden = new Set();
    const end = performance.now() + 1000;
    return new Promise((done) => {
        const look = (now) => {
            parts.filter((part) => !isSeen(part)).forEach((part) => hidden.add(part));
            if (now < end) requestAnimationFrame(look);
            else done([...hidden]);
        };
        requestAnimationFrame(look);
    });";

/// Where the open panel begins, and where the image that stays at the top ends.
const PANEL_TOP: &str = "return [
    document.querySelector('.panel').getBoundingClientRect().top,
    document.querySelector('.image-frame').getBoundingClientRect().bottom];";

#[tokio::test]
async fn question_about_another_host_is_in_view_beside_an_open_panel() {
    for device in [Device::Phone, Device::Desktop] {
        let options = Options {
            device,
            ..Options::default()
        };
        check(options, async |tab, server| {
            let url = server.share("far.safetensors", WEIGHTS.to_vec(), true);
            for panel in ["explore", "train", "evidence", "learn"] {
                open(tab, &url, &format!("&tab={panel}")).await?;
                tab.until_script(
                    "the panel is loaded",
                    &format!("return !!document.querySelector('#panel-{panel} *')"),
                )
                .await?;
                let hidden = tab.script(HIDDEN, vec![]).await?;
                ensure!(
                    hidden == json!([]),
                    "{device:?}, {panel}: hidden are {hidden}"
                );
            }
            // Without the model, the panel of the link is shown.
            tab.click("import-address-decline").await?;
            if device == Device::Phone {
                tab.until("the page is at the panel", async || {
                    let tops = tab.script(PANEL_TOP, vec![]).await?;
                    let [panel, image] = [0, 1].map(|at| tops[at].as_f64());
                    let distance = panel.zip(image).map(|(panel, image)| (panel - image).abs());
                    Ok(distance.filter(|distance| *distance < 2.0).map(|_| ()))
                })
                .await?;
            }
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn report_on_a_model_of_another_host_begins_in_view_beside_an_open_panel() {
    let phone = Options {
        device: Device::Phone,
        ..Options::default()
    };
    check(phone, async |tab, server| {
        let url = server.share("far.safetensors", WEIGHTS.to_vec(), true);
        server.share("far.json", CARD.to_vec(), true);
        open(tab, &url, "&tab=train").await?;
        tab.click("import-address-fetch").await?;
        tab.until("it is there", async || {
            Ok(tab.visible("import-keep").await?.then_some(()))
        })
        .await?;
        // The report is longer than the screen; its beginning is in view.
        let hidden = HIDDEN.replace(
            ", '[data-testid=import-address-fetch]', '[data-testid=import-address-decline]'",
            "",
        );
        ensure!(!hidden.contains("decline"), "{hidden}");
        let hidden = tab.script(&hidden, vec![]).await?;
        ensure!(hidden == json!([]), "hidden are {hidden}");
        Ok(())
    })
    .await;
}

/// A host that does not allow it, a page in place of the file, a missing file: each is explained.
#[tokio::test]
async fn model_of_another_host_that_cannot_be_read_is_explained() {
    let options = Options {
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, server| {
        let closed = server.share("closed.safetensors", WEIGHTS.to_vec(), false);
        let page = server.share("page.pt", b"<!DOCTYPE html><html></html>".to_vec(), true);
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
        let pointer = server.share("pointer.pt", pointer.to_vec(), true);
        for (url, words) in [
            (closed, ["Access-Control-Allow-Origin", "download"]),
            (page, ["HTML", "not imported"]),
            (pointer, ["LFS", "not imported"]),
        ] {
            open(tab, &url, "").await?;
            tab.click("import-address-fetch").await?;
            let message = wait_for_error(tab).await?;
            for word in words {
                ensure!(message.contains(word), "{message}");
            }
        }
        Ok(())
    })
    .await;
}
