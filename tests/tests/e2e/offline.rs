//! Without a network: the service worker, and how a newer build replaces the former one.

use crate::{CALM, wait_for_digit};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::time::Duration;
use tests::browser::{Options, Reply, Server, Tab, check};

/// All files of the page are stored some seconds after the first image.
const STORED: Duration = Duration::from_secs(60);

/// Opens the page with its service worker, and waits until this number of files is stored.
async fn open_and_store(tab: &Tab, server: &Server) -> Result<()> {
    server.offer_service_worker();
    tab.open("?backend=flex").await?;
    wait_for_digit(tab).await?;
    ensure!(
        !server
            .requests()
            .iter()
            .any(|request| request.path == "service-worker.js"),
        "the service worker is fetched before the first image"
    );
    let stored = "return caches.keys().then(async names => {
        if (names.length === 0) return false;
        const keys = await (await caches.open(names[0])).keys();
        const paths = keys.map(key => new URL(key.url).pathname);
        return ['/weights/mnist-16d.safetensors', '/learn/chapter-1.json', '/intake_bg.wasm', '/samples/']
            .every(part => paths.some(path => path.includes(part)));
    });";
    tab.until_script_within(STORED, "the files are stored", stored)
        .await?;
    Ok(())
}

#[tokio::test]
async fn offline_page_draws_with_models_samples_and_learn() {
    let options = Options {
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, server| {
        open_and_store(tab, server).await?;
        let online = tab.settled_pixels(CALM).await?;
        server.set_offline(true);
        tab.open("?backend=flex").await?;
        wait_for_digit(tab).await?;
        ensure!(
            tab.settled_pixels(CALM).await? == online,
            "another first image"
        );
        tab.set_value("model", "mnist-16d").await?;
        tab.until("the model is there", async || {
            Ok((tab.z().await?.len() == 16).then_some(()))
        })
        .await?;
        tab.click("tab-learn").await?;
        tab.click("learn-chapter-2").await?;
        let chapter = "return !!document.querySelector('[data-chapter=\"2\"]')";
        tab.until_script("a chapter opens", chapter).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn service_worker_stores_only_files_of_its_own_build() {
    let options = Options {
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, server| {
        open_and_store(tab, server).await?;
        // A newer build's engine must not be paired with this page.
        server.replace(
            |path| path.starts_with("engine-ndarray"),
            Reply::Edit(|mut bytes| {
                bytes.push(b' ');
                bytes
            }),
        );
        let status = tab
            .script(
                "return fetch('engine-ndarray.js').then(reply => reply.status)",
                vec![],
            )
            .await?;
        ensure!(status == json!(409), "{status}");
        server.restore();
        let status = tab
            .script(
                "return fetch('engine-ndarray.js').then(reply => reply.status)",
                vec![],
            )
            .await?;
        ensure!(status == json!(200), "{status}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn service_worker_offers_a_newer_build_and_does_not_force_it() {
    check(Options::default(), async |tab, server| {
        open_and_store(tab, server).await?;
        server.replace(
            |path| path == "service-worker.js",
            Reply::Edit(|bytes| {
                let script = String::from_utf8_lossy(&bytes);
                script.replacen("version: \"", "version: \"newer-", 1).into_bytes()
            }),
        );
        let before = tab.script("return performance.timeOrigin", vec![]).await?;
        let update = "return navigator.serviceWorker.getRegistration().then(it => it.update()).then(() => true)";
        tab.until_script("the page looks for a newer build", update).await?;
        let offered = "return !!document.querySelector(`[data-testid='update-now']`)";
        tab.until_script("the newer build is offered", offered).await?;
        let names = "return caches.keys()";
        let stored: Vec<String> = serde_json::from_value(tab.script(names, vec![]).await?)?;
        ensure!(stored.len() == 2, "{stored:?}");
        ensure!(
            tab.script("return performance.timeOrigin", vec![]).await? == before,
            "the page was reloaded by itself"
        );
        tab.click("update-now").await?;
        let reloaded = format!("return performance.timeOrigin !== {before}");
        tab.until_script("the page is reloaded", &reloaded).await?;
        wait_for_digit(tab).await?;
        let only_newer = "return caches.keys().then(names => names.length === 1 && names[0].includes('newer-'))";
        tab.until_script("the former build is removed", only_newer).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn manifest_names_existing_icons() {
    check(Options::default(), async |tab, server| {
        let files: std::collections::BTreeMap<&str, &[u8]> = server.files().collect();
        let manifest = files.get("manifest.webmanifest").context("no manifest")?;
        let manifest: serde_json::Value = serde_json::from_slice(manifest)?;
        let icons = manifest["icons"].as_array().context("no icons")?;
        ensure!(icons.len() >= 3);
        for icon in icons {
            let path = icon["src"].as_str().context("an address")?;
            ensure!(files.contains_key(path), "{path} is missing");
        }
        tab.open("?backend=flex").await?;
        wait_for_digit(tab).await?;
        Ok(())
    })
    .await;
}
