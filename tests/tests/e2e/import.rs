//! The check of an imported model, and undoing an import.

use crate::{wait_for_digit, wait_for_error};
use anyhow::{Result, ensure};
use fantoccini::key::Key;
use serde_json::json;
use std::time::Duration;
use tests::browser::{CAPTURE_SAVED_FILES, Options, Tab, check, log_line};

/// The names of the user's own models.
const OWN_MODELS: &str = "return [...document.querySelectorAll(
    '[data-testid=own-models] option')].map((e) => e.value);";

/// Waits for the check of the imported model, and returns its text.
async fn wait_checked(tab: &Tab, passes: bool) -> Result<String> {
    tab.until(format!("the check says passes = {passes}"), async || {
        let script = "const e = document.querySelector('[data-testid=import-check]');
            return e?.dataset.passes;";
        Ok((tab.script(script, vec![]).await? == json!(passes.to_string())).then_some(()))
    })
    .await?;
    let text = tab.text("import-check").await?.unwrap_or_default();
    log_line(&text);
    Ok(text)
}

#[tokio::test]
async fn import_is_offered_in_the_model_menu() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        wait_for_digit(tab).await?;
        // The browser's dialog cannot be tested, so it is not opened.
        let record = "document.querySelector('[data-testid=import-weights]')
            .addEventListener('click', (event) => { event.preventDefault(); window.asked = true; });";
        tab.script(record, vec![]).await?;
        tab.click("model-menu").await?;
        tab.click("menu-import").await?;
        ensure!(tab.script("return window.asked", vec![]).await? == true, "no dialog was opened");
        tab.until("the menu is closed", async || {
            let script = "return document.getElementById('model-menu').inert;";
            Ok((tab.script(script, vec![]).await? == true).then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn import_is_checked_on_digits_and_can_be_undone() {
    let weights = include_bytes!("../../../weights/mnist-2d.safetensors");
    let card = include_bytes!("../../../weights/mnist-2d.json");
    check(Options::default(), async |tab, _| {
        // Without a panel: the report does not depend on one.
        tab.open("?backend=flex&model=mnist-16d").await?;
        wait_for_digit(tab).await?;
        let files: [(&str, &[u8]); 2] = [("copy.safetensors", weights), ("copy.json", card)];
        tab.upload_files("import-weights", &files).await?;
        let text = wait_checked(tab, true).await?;
        ensure!(
            text.contains(" ± ") && text.contains("nats per digit"),
            "{text}"
        );
        for canvas in ["import-originals", "import-reconstructions"] {
            let selector = format!("[data-testid={canvas}]");
            let pixels = tab.canvas_pixels(&selector, [0, 0]).await?;
            let lit = pixels.is_some_and(|pixels| pixels.iter().any(|&grey| grey > 100));
            ensure!(lit, "{canvas} is black");
        }
        let report = tab.bounds("import-check").await?;
        ensure!(
            report.y >= 0.0 && report.y < 800.0,
            "it is out of view at {report:?}"
        );

        // With μ and log σ² swapped, the model ignores the digit.
        tab.click("import-swap").await?;
        let swapped = wait_checked(tab, false).await?;
        ensure!(swapped.contains("order of the heads"), "{swapped}");
        tab.click("import-swap").await?;
        ensure!(wait_checked(tab, true).await? == text, "as before");

        tab.click("import-undo").await?;
        tab.until("the model before the import is in use", async || {
            Ok(
                (tab.value("model").await? == "mnist-16d" && tab.z().await?.len() == 16)
                    .then_some(()),
            )
        })
        .await?;
        ensure!(tab.script(OWN_MODELS, vec![]).await? == json!([]));

        tab.upload_files("import-weights", &files).await?;
        wait_checked(tab, true).await?;
        tab.click("import-keep").await?;
        tab.until("the report is closed", async || {
            let script = "return !document.querySelector('[data-testid=import-report]');";
            Ok((tab.script(script, vec![]).await? == true).then_some(()))
        })
        .await?;
        ensure!(tab.script(OWN_MODELS, vec![]).await? == json!(["copy"]));
        ensure!(tab.value("model").await? == "copy");
        Ok(())
    })
    .await;
}

/// A model of PyTorch with two hidden layers of one width, LeakyReLU with slope 0.2, and images of 14×14 pixels.
const LIGHTNING: &[u8] = include_bytes!("../../pytorch/models/lightning.ckpt");

/// The grey levels of the previews at z = 0 and at samples of the prior.
const PREVIEW: &str = "const e = document.querySelector('[data-testid=import-samples]');
    return e ? [...e.getContext('2d').getImageData(0, 0, e.width, e.height).data].filter((_, i) => i % 4 === 0) : null;";

async fn preview(tab: &Tab, other_than: &serde_json::Value) -> Result<serde_json::Value> {
    tab.until("a new preview is drawn", async || {
        let pixels = tab.script(PREVIEW, vec![]).await?;
        Ok((!pixels.is_null() && pixels != *other_than).then_some(pixels))
    })
    .await
}

#[tokio::test]
async fn import_of_a_checkpoint_asks_and_the_preview_follows_the_answer() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        wait_for_digit(tab).await?;
        tab.upload_files("import-weights", &[("vae.ckpt", LIGHTNING)])
            .await?;
        tab.until("the activation is asked", async || {
            Ok(tab.visible("import-activation").await?.then_some(()))
        })
        .await?;
        let first = preview(tab, &json!(null)).await?;
        ensure!(
            tab.value("model").await? == "vae",
            "the model is on the stage"
        );
        ensure!(
            tab.z().await?.len() == 3,
            "it has a slider for each dimension"
        );
        tab.set_value("import-activation", "leaky-relu-0.2").await?;
        let second = preview(tab, &first).await?;
        tab.until("the answer is shown", async || {
            Ok((tab.value("import-activation").await? == "leaky-relu-0.2").then_some(()))
        })
        .await?;
        // The sliders draw with the newest answer.
        let stage = "const e = document.querySelector('[data-testid=decoded]');
            const c = document.createElement('canvas');
            [c.width, c.height] = [e.width, e.height];
            const d = c.getContext('2d');
            d.drawImage(e, 0, 0);
            return [...d.getImageData(0, 0, c.width, c.height).data];";
        let before = tab.script(stage, vec![]).await?;
        tab.set_z(0, 2.5).await?;
        tab.until("the slider draws", async || {
            Ok((tab.script(stage, vec![]).await? != before).then_some(()))
        })
        .await?;
        ensure!(second != first);
        Ok(())
    })
    .await;
}

/// The two layers of equal width change places by the keyboard and by dragging; an order that does not fit is explained,
/// and nothing changes.
#[tokio::test]
async fn import_layers_are_reordered_by_keyboard_and_pointer() {
    let names = "return [...document.querySelectorAll('[data-testid=import-diagram] code')].map((e) => e.textContent);";
    let order = async |tab: &Tab, wanted: &[&str]| {
        tab.until(format!("the order is {wanted:?}"), async || {
            Ok((tab.script(names, vec![]).await? == json!(wanted)).then_some(()))
        })
        .await
    };
    let straight = [
        "encoder.1",
        "encoder.3",
        "fc_mu",
        "fc_var",
        "decoder.0",
        "decoder.2",
        "decoder.4",
    ];
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        wait_for_digit(tab).await?;
        tab.upload_files("import-weights", &[("vae.ckpt", LIGHTNING)])
            .await?;
        order(tab, &straight).await?;
        let first = preview(tab, &json!(null)).await?;
        // encoder.3 to the place of decoder.2 does not fit alone: there would be no hidden layer of 24 values twice.
        tab.press("import-move-0", Key::Down, 1).await?;
        let message = wait_for_error(tab).await?;
        ensure!(message.contains("stay as they were"), "{message}");
        order(tab, &straight).await?;

        // Both layers of equal width behind the heads, by dragging the handle.
        let from = tab.bounds("import-move-1").await?;
        let to = tab.bounds("import-move-5").await?;
        let middle = |place: &tests::browser::Rect| {
            (place.x + place.width / 2.0, place.y + place.height / 2.0)
        };
        let (x, y) = middle(&to);
        tab.drag(&[middle(&from), (x, y + 4.0)], Duration::from_millis(20))
            .await?;
        order(
            tab,
            &[
                "encoder.1",
                "fc_mu",
                "fc_var",
                "decoder.0",
                "decoder.2",
                "encoder.3",
                "decoder.4",
            ],
        )
        .await?;
        preview(tab, &first).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn import_makes_one_model_of_decoder_and_encoder() {
    let options = Options {
        before_page: Some(CAPTURE_SAVED_FILES),
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        wait_for_digit(tab).await?;
        tab.click("model-menu").await?;
        tab.until("the menu is there", async || {
            Ok(tab.visible("menu-download-onnx").await?.then_some(()))
        })
        .await?;
        tab.click("menu-download-onnx").await?;
        let files = tab
            .until("both files are saved", async || {
                let files = tab.saved_files().await?;
                Ok((files.len() == 2).then_some(files))
            })
            .await?;
        let both: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
            .collect();
        // Together: the included model has the same name, so that this one has a number.
        tab.upload_files("import-weights", &both).await?;
        wait_checked(tab, true).await?;
        ensure!(tab.value("model").await? == "mnist-2d-2");
        tab.click("import-undo").await?;

        // One after the other: first a decoder alone, which is then replaced by the whole.
        tab.upload_files("import-weights", &both[..1]).await?;
        tab.until("the decoder is imported alone", async || {
            Ok((tab.value("model").await? == "mnist-2d-decoder").then_some(()))
        })
        .await?;
        tab.upload_files("import-weights", &both[1..]).await?;
        wait_checked(tab, true).await?;
        ensure!(tab.value("model").await? == "mnist-2d-2");
        ensure!(tab.script(OWN_MODELS, vec![]).await? == json!(["mnist-2d-2"]));
        Ok(())
    })
    .await;
}
