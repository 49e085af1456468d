//! One tour of the page in each browser engine: open, slider, draw and encode, load a file, train, export, close and
//! return, import, evidence.

use crate::{
    difference,
    e2e::{
        dataset::{bars, wait_count, wait_saved},
        training::{wait_status, wait_step},
    },
    wait_for_digit,
};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::time::Duration;
use tests::browser::{
    BrowserEngine, CAPTURE_SAVED_FILES, Options, Tab, check, log_line, target_dir,
};
use tests::native_decode::decode_files;

/// A seven.
const SEVEN: [(f64, f64); 4] = [(0.25, 0.22), (0.72, 0.22), (0.6, 0.5), (0.42, 0.82)];

/// Where images are compared.
const Z: [f32; 2] = [0.7, -0.4];

/// After this time without a change, quadrature does not refine log p(x) any more.
const REFINED: Duration = Duration::from_secs(3);

/// The time between two points of a stroke.
const STEP: Duration = Duration::from_millis(40);

/// Collects errors of the page, which not every driver reports. Through `window`: in Firefox, a script's own global object
/// is not the page's.
const COLLECT_ERRORS: &str = "window.pageErrors = [];
    addEventListener('error', (event) => window.pageErrors.push(String(event.message)));
    addEventListener('unhandledrejection', (event) => window.pageErrors.push(String(event.reason)));
    const before = console.error;
    console.error = (...texts) => { window.pageErrors.push(texts.join(' ')); before.apply(console, texts); };
    return true;";

/// Opens the page, and waits for the first digit. The address must name z: without it, z moves by itself, because not every
/// driver can ask for reduced motion.
async fn open(tab: &Tab, address: &str) -> Result<Vec<u8>> {
    tab.open(address).await?;
    tab.script(COLLECT_ERRORS, vec![]).await?;
    wait_for_digit(tab).await
}

async fn ensure_no_errors(tab: &Tab) -> Result<()> {
    let errors = tab.script("return window.pageErrors", vec![]).await?;
    ensure!(errors == json!([]), "the page has reported {errors}");
    Ok(())
}

/// Saves a screenshot beside those of failed tests.
async fn save_view(tab: &Tab, name: &str) -> Result<()> {
    let folder = target_dir().join("e2e").join("browser-engines");
    let file = folder.join(format!("{}-{name}.png", tab.engine().name()));
    tab.save_screenshot(&file).await
}

async fn slide_draw_and_encode(tab: &Tab) -> Result<()> {
    let before = open(tab, "?backend=flex&model=mnist-2d&z=0.5,0.5&tab=explore").await?;
    tab.set_z(0, -1.5).await?;
    let moved = tab.changed_pixels(&before).await?;
    tab.drag_in("encode-pad", &SEVEN, STEP).await?;
    tab.until("q(z|x) is on the plane", async || {
        Ok(tab.visible("posterior").await?.then_some(()))
    })
    .await?;
    tab.changed_pixels(&moved).await?;
    save_view(tab, "explore").await?;
    ensure_no_errors(tab).await
}

/// Trains on a file, and returns the exported model with what it draws.
async fn load_train_and_export(tab: &Tab) -> Result<(Vec<u8>, Vec<(String, Vec<u8>)>)> {
    open(tab, "?backend=flex&model=mnist-2d&z=0,0&tab=train").await?;
    tab.script(&format!("{CAPTURE_SAVED_FILES} return true;"), vec![])
        .await?;
    tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(200))])
        .await?;
    wait_count(tab, 200).await?;
    tab.click("train-latent-2").await?;
    tab.click("train-start").await?;
    wait_step(tab, 30).await?;
    save_view(tab, "train").await?;
    tab.click("train-stop").await?;
    wait_status(tab, "done").await?;
    tab.click("export-weights").await?;
    let files = tab
        .until("two files are saved", async || {
            let files = tab.saved_files().await?;
            Ok((files.len() == 2).then_some(files))
        })
        .await?;
    let of_kind = |extension: &str| {
        let found = files.iter().find(|(name, _)| name.ends_with(extension));
        found.map(|(_, bytes)| bytes).context("a file is missing")
    };
    let drawn = decode_files(of_kind(".json")?, of_kind(".safetensors")?, &Z)?;
    wait_until_drawn(tab, "the trained model", &drawn).await?;
    wait_saved(tab).await?;
    ensure_no_errors(tab).await?;
    Ok((drawn, files))
}

/// Waits until the stage shows this image at [`Z`], up to two grey levels.
async fn wait_until_drawn(tab: &Tab, what: &str, expected: &[u8]) -> Result<()> {
    for (dimension, value) in Z.into_iter().enumerate() {
        tab.set_z(dimension, value).await?;
    }
    tab.until(format!("{what} draws as it does natively"), async || {
        let shown = tab.pixels().await?;
        Ok(shown.filter(|shown| difference(shown, expected, 2).1 == 0))
    })
    .await?;
    Ok(())
}

async fn close_return_and_import(
    tab: &Tab,
    drawn: &[u8],
    files: &[(String, Vec<u8>)],
) -> Result<()> {
    open(tab, "?backend=flex&z=0,0&tab=train").await?;
    wait_count(tab, 200).await?;
    let own = "return [...document.querySelectorAll('[data-testid=own-models] option')].map((e) => e.value);";
    let stored = tab
        .until("the trained model is back", async || {
            let own: Vec<String> = serde_json::from_value(tab.script(own, vec![]).await?)?;
            Ok(own.into_iter().next())
        })
        .await?;
    tab.set_value("model", &stored).await?;
    tab.until("the stored model is shown", async || {
        Ok((tab.value("model").await? == stored).then_some(()))
    })
    .await?;
    wait_until_drawn(tab, "the stored model", drawn).await?;
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    tab.upload_files("import-weights", &files).await?;
    let checked =
        "const e = document.querySelector('[data-testid=import-check]'); return e?.dataset.passes;";
    tab.until_script("the import is checked", checked).await?;
    wait_until_drawn(tab, "the imported model", drawn).await?;
    ensure_no_errors(tab).await
}

async fn compute_evidence(tab: &Tab) -> Result<()> {
    open(
        tab,
        "?backend=flex&model=mnist-binary-2d&z=0,0&tab=evidence",
    )
    .await?;
    tab.click("evidence-digit-3").await?;
    let number = tab
        .settled(REFINED, "log p(x) is computed", async || {
            let text = tab.text("log-px-exact").await?.unwrap_or_default();
            let text = text.replace('−', "-");
            let number = text
                .split_whitespace()
                .find_map(|word| word.parse::<f64>().ok().filter(|number| *number < -20.0));
            Ok(number)
        })
        .await?;
    log_line(format!("log p(x) = {number} nats"));
    save_view(tab, "evidence").await?;
    ensure_no_errors(tab).await
}

async fn tour(engine: BrowserEngine) {
    let options = Options {
        engine,
        ..Options::default()
    };
    check(options, async |tab, server| {
        slide_draw_and_encode(tab).await.context("explore")?;
        let (drawn, files) = load_train_and_export(tab).await.context("train")?;
        close_return_and_import(tab, &drawn, &files)
            .await
            .context("return")?;
        compute_evidence(tab).await.context("evidence")?;
        ensure!(server.foreign().is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn tour_in_chromium() {
    tour(BrowserEngine::Chromium).await;
}

#[tokio::test]
async fn tour_in_firefox() {
    tour(BrowserEngine::Firefox).await;
}

#[tokio::test]
async fn tour_in_webkitgtk() {
    tour(BrowserEngine::WebKitGtk).await;
}
