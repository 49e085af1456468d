//! Training in the tab, and importing models.

use crate::{
    CALM, difference,
    e2e::dataset::{bars, wait_count, wait_saved},
    wait_for_digit, wait_for_error,
};
use anyhow::{Result, ensure};
use std::time::Duration;
use tests::browser::{Options, Tab, check, log_line};

/// Training shares two cores with the browser.
const LONG: Duration = Duration::from_secs(240);

pub(super) async fn step(tab: &Tab) -> Result<u64> {
    let text = tab.text("train-step").await?.unwrap_or_default();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    Ok(digits.parse().unwrap_or(0))
}

pub(super) async fn wait_status(tab: &Tab, wanted: &str) -> Result<()> {
    tab.until_within(LONG, format!("training is {wanted}"), async || {
        let status = tab.text("train-status").await?.unwrap_or_default();
        ensure!(
            wanted == "failed" || status != "failed",
            "training failed: {:?}",
            tab.text("error").await?
        );
        Ok((status == wanted).then_some(()))
    })
    .await
}

pub(super) async fn wait_step(tab: &Tab, least: u64) -> Result<u64> {
    tab.until_within(LONG, format!("step {least} is done"), async || {
        let step = step(tab).await?;
        Ok((step >= least).then_some(step))
    })
    .await
}

#[tokio::test]
async fn training_makes_a_model_of_uploaded_images() {
    check(Options::default(), async |tab, server| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        let before = wait_for_digit(tab).await?;
        ensure!(tab.visible("train-start").await?, "the panel is open");
        tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(200))])
            .await?;
        wait_count(tab, 200).await?;

        server.forget();
        tab.click("train-start").await?;
        wait_status(tab, "running").await?;
        wait_step(tab, 20).await?;
        // Whatever is open or scrolled, the run is summed up beside the tabs.
        tab.script("scrollTo(0, 1000)", vec![]).await?;
        tab.wait_text("run-summary", "shows the run", |text| {
            text.contains("running") && text.contains("step")
        })
        .await?;
        let summary = tab.bounds("run-summary").await?;
        ensure!(
            summary.y >= 0.0 && summary.y + summary.height <= 120.5,
            "the run is out of view: {summary:?}"
        );
        tab.click("train-pause").await?;
        wait_status(tab, "paused").await?;
        let held = step(tab).await?;
        // By then the page has received, and stored, all that the run has sent.
        wait_saved(tab).await?;
        ensure!(step(tab).await? == held, "a paused run makes no steps");
        let loss = tab.text("train-loss").await?.unwrap_or_default();
        log_line(format!("paused at step {held}, loss {loss}"));
        tab.click("train-pause").await?;
        wait_step(tab, held + 20).await?;
        tab.click("train-stop").await?;
        wait_status(tab, "done").await?;

        let own = tab.value("model").await?;
        ensure!(
            own != "mnist-2d" && own != "mnist-16d",
            "the stage shows {own}"
        );
        let drawn = tab.settled_pixels(CALM).await?;
        ensure!(
            difference(&before, &drawn, 2).1 > 20,
            "the stage draws from the model that was trained"
        );
        let asked: Vec<String> = server
            .requests()
            .iter()
            .map(|request| request.path.clone())
            .filter(|path| !path.contains("engine") && !path.contains("weights/"))
            .collect();
        ensure!(asked.is_empty(), "training asked the server for {asked:?}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn import_converts_a_pytorch_checkpoint_and_reports_an_invalid_file() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        let broken: [(&str, &[u8]); 1] = [("broken.pt", b"PK\x03\x04 and nothing more")];
        tab.upload_files("import-weights", &broken).await?;
        let message = wait_for_error(tab).await?;
        log_line(&message);
        ensure!(message.contains("broken"), "the file is named");
        ensure!(tab.value("model").await? == "mnist-2d", "nothing changed");

        let example = include_bytes!("../../../crates/checkpoints/tests/samples/example.pt");
        tab.upload_files("import-weights", &[("example.pt", example)])
            .await?;
        tab.wait_text("import-report", "lists the layers", |text| {
            text.contains("fc21 → encoder.mu")
        })
        .await?;
        tab.until("the imported model is on the stage", async || {
            Ok((tab.value("model").await? == "example").then_some(()))
        })
        .await?;
        ensure!(tab.z().await?.len() == 2);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn training_uses_two_workers_unless_disabled() {
    for (address, asked) in [("", true), ("&helper=off", false), ("&fast=off", false)] {
        check(Options::default(), async move |tab, _| {
            tab.open(&format!("?backend=flex&model=mnist-2d&tab=train{address}"))
                .await?;
            wait_for_digit(tab).await?;
            let cores = tab.script("return navigator.hardwareConcurrency;", vec![]);
            let two = asked && cores.await?.as_u64() >= Some(2);
            tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(200))])
                .await?;
            wait_count(tab, 200).await?;
            tab.click("train-start").await?;
            wait_step(tab, 5).await?;
            let loss = async || -> Result<f64> {
                let text = tab.text("train-loss").await?.unwrap_or_default();
                let number: String = text
                    .chars()
                    .filter(|c| c.is_ascii_digit() || *c == '.')
                    .collect();
                Ok(number.parse()?)
            };
            let before = loss().await?;
            let facts = tab.text("train-facts").await?.unwrap_or_default();
            ensure!(facts.contains("two workers") == two, "{address}: {facts}");
            // A fast run may be far beyond the fifth step by now, so this waits for the loss and not for a step.
            let after = tab
                .until("the loss falls", async || {
                    Ok(Some(loss().await?).filter(|after| *after < before))
                })
                .await?;
            log_line(format!("{facts} −ELBO from {before} to {after}"));
            Ok(())
        })
        .await;
    }
}
