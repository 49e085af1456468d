//! The check of an imported model, and undoing an import.

use crate::wait_for_digit;
use anyhow::{Result, ensure};
use serde_json::json;
use tests::browser::{Options, Tab, check, log_line};

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
