//! Exporting and importing weights.

use crate::{
    CALM,
    e2e::{
        dataset::{bars, wait_count, wait_saved},
        training::{wait_status, wait_step},
    },
    ensure_same, wait_for_digit,
};
use anyhow::{Context, Result, ensure};
use tests::{
    browser::{CAPTURE_SAVED_FILES, Options, Tab, check, log_line},
    native_decode::decode_files,
};

/// Trains on bars for some steps; returns the image at [`Z`], and the two exported files.
async fn train_and_save(tab: &Tab) -> Result<(Vec<u8>, Vec<(String, Vec<u8>)>)> {
    tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
    wait_for_digit(tab).await?;
    tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(60))])
        .await?;
    wait_count(tab, 60).await?;
    tab.click("train-latent-2").await?;
    tab.click("train-start").await?;
    wait_step(tab, 20).await?;
    tab.click("train-stop").await?;
    wait_status(tab, "done").await?;
    let drawn = pixels_at_z(tab).await?;
    Ok((drawn, save(tab).await?))
}

async fn save(tab: &Tab) -> Result<Vec<(String, Vec<u8>)>> {
    tab.click("export-weights").await?;
    tab.until("two files are saved", async || {
        let files = tab.saved_files().await?;
        Ok((files.len() == 2).then_some(files))
    })
    .await
}

/// Counts the user's own models.
const OWN_MODELS: &str = "return document.querySelectorAll(
    '[data-testid=own-models] option').length;";

const Z: [f32; 2] = [0.7, -0.4];

async fn pixels_at_z(tab: &Tab) -> Result<Vec<u8>> {
    tab.set_z(0, Z[0]).await?;
    tab.set_z(1, Z[1]).await?;
    tab.settled_pixels(CALM).await
}

#[tokio::test]
async fn weights_decode_the_same_after_export_and_import() {
    let options = Options {
        before_page: Some(CAPTURE_SAVED_FILES),
        ..Options::default()
    };
    check(options, async |tab, _| {
        let (drawn, files) = train_and_save(tab).await?;
        log_line(format!(
            "saved {:?}",
            files
                .iter()
                .map(|(name, bytes)| format!("{name}, {} bytes", bytes.len()))
                .collect::<Vec<_>>()
        ));
        let file = |extension: &str| {
            files
                .iter()
                .find(|(name, _)| name.ends_with(extension))
                .context("a file is missing")
        };
        let (card_name, card) = file(".json")?;
        let (weights_name, weights) = file(".safetensors")?;
        let native = decode_files(card, weights, &Z)?;
        ensure_same("the page's image and the files'", &drawn, &native)?;

        tab.click("forget").await?;
        tab.click("forget-confirm").await?;
        tab.until("the page is at its bare address", async || {
            Ok((!tab.url().await?.contains("tab=train")).then_some(()))
        })
        .await?;
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        let both: [(&str, &[u8]); 2] = [(card_name, card), (weights_name, weights)];
        tab.upload_files("import-weights", &both).await?;
        tab.until("the imported model is on the stage", async || {
            Ok((tab.value("model").await? != "mnist-2d").then_some(()))
        })
        .await?;
        let again = pixels_at_z(tab).await?;
        ensure_same("before and after", &drawn, &again)?;
        let saved_again = save(tab).await?;
        for ((name, before), (_, after)) in files.iter().zip(&saved_again) {
            let text = |bytes: &[u8]| match name.ends_with(".json") {
                true => String::from_utf8_lossy(bytes).into_owned(),
                false => format!("{} bytes", bytes.len()),
            };
            ensure!(
                before == after,
                "{name} is another one when it is saved again: {} and then {}",
                text(before),
                text(after)
            );
        }

        wait_saved(tab).await?;
        tab.reload().await?;
        let kept = wait_for_digit(tab).await?;
        ensure_same("before and after a reload", &drawn, &kept)?;

        tab.click("remove-model").await?;
        tab.click("remove-model-confirm").await?;
        let only_included_models = async |what: &str| {
            tab.until(what, async || {
                let own = tab.script(OWN_MODELS, vec![]).await?;
                let in_use = tab.value("model").await?;
                Ok((own == 0 && in_use == "mnist-2d").then_some(()))
            })
            .await
        };
        only_included_models("the model is gone from the picker").await?;
        wait_saved(tab).await?;
        tab.open("?backend=flex&tab=train").await?;
        wait_for_digit(tab).await?;
        only_included_models("it stays gone").await
    })
    .await;
}
