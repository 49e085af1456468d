//! End-to-end tests: the built page in a real browser.
//!
//! `cargo test --workspace --features tests/e2e --test e2e` with a built page in `dist/` (or `ELBO_DIST`)
//! and Chromium with chromedriver. The tests find elements by their `data-testid` and wait for states of the page
//! rather than for a time, so that they do not fail on a slow machine.

// All modules are in one, so that the tests' names begin with `e2e::` and other runs can exclude them with
// `--skip e2e::`.
#[path = "."]
mod e2e {
    mod accessibility;
    mod backends;
    mod browser_cases;
    mod browser_engines;
    mod cases;
    mod chunks;
    mod circumstances;
    mod compare;
    mod conditional;
    mod conversion;
    mod dataset;
    mod device_loss;
    mod evidence;
    mod evidence_chains;
    mod evidence_panel;
    mod explore;
    mod first_digit;
    mod first_visit;
    mod golden;
    mod hosting;
    mod import;
    mod interpolation;
    mod latent_controls;
    mod layout;
    mod learn;
    mod learn_content;
    mod map;
    mod map_classes;
    mod map_overlays;
    mod map_slices;
    mod model_address;
    mod model_cases;
    mod model_switch;
    mod models;
    mod offline;
    mod onnx;
    mod persistence;
    mod responsive;
    mod run_log;
    mod run_loss;
    mod shapes;
    mod storage;
    mod storage_loss;
    mod tour;
    mod train_panel;
    mod training;
    mod traversals;
    mod url;
    mod weights;
    mod workers;
}

use anyhow::{Result, ensure};
use std::time::Duration;
use tests::{
    browser::{Tab, dist, log_line},
    native_decode::native_decode,
};

/// On the CPU, an image that has not changed for this long is decoded from the newest z.
const CALM: Duration = Duration::from_millis(400);

/// The same for WebGPU in software, where decoding may take most of a second.
const CALM_GPU: Duration = Duration::from_secs(3);

/// Waits until a backend is ready and its digit is shown.
async fn wait_for_digit(tab: &Tab) -> Result<Vec<u8>> {
    let backend = tab.wait_backend(None).await?;
    let calm = if backend == "webgpu" { CALM_GPU } else { CALM };
    let pixels = tab.settled_pixels(calm).await?;
    log_line(format!(
        "{backend} shows a digit; ink {:.3}, z {:?}",
        ink(&pixels),
        tab.z().await?
    ));
    Ok(pixels)
}

/// Waits until a part of a canvas shows what the decoder gives natively for this z, up to two grey levels.
async fn wait_for_decoded(
    tab: &Tab,
    canvas: &str,
    at: [usize; 2],
    (model, z): (&str, &[f32]),
) -> Result<()> {
    let expected = native_decode(&dist().join("weights"), model, z)?;
    tab.until(format!("{canvas} shows z {z:?} at {at:?}"), async || {
        let found = tab.canvas_pixels(canvas, at).await?;
        Ok(found.and_then(|found| (difference(&found, &expected, 2).1 == 0).then_some(())))
    })
    .await
}

/// Mean brightness, 0 to 1.
fn ink(pixels: &[u8]) -> f64 {
    pixels.iter().map(|&p| f64::from(p)).sum::<f64>() / (255.0 * pixels.len() as f64)
}

/// The largest difference of two images, and the number of pixels that differ by more than `within`.
fn difference(a: &[u8], b: &[u8], within: u8) -> (u8, usize) {
    let differences = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
    let over = differences.clone().filter(|&d| d > within).count();
    (differences.max().unwrap_or(u8::MAX), over)
}

/// Fails unless two images are equal up to two grey levels.
fn ensure_same(what: &str, a: &[u8], b: &[u8]) -> Result<()> {
    ensure!(a.len() == b.len(), "{what}: images of different sizes");
    let (worst, over) = difference(a, b, 2);
    log_line(format!("{what}: largest difference {worst}/255"));
    ensure!(
        over == 0,
        "{what}: {over} pixels differ by more than 2/255, the worst by {worst}"
    );
    Ok(())
}

/// Fails unless the page's text contains a word of each list of `messages`, a case's array of arrays of words.
async fn ensure_says(tab: &Tab, messages: &serde_json::Value) -> Result<()> {
    let said = page_text(tab).await?.to_lowercase();
    for choices in messages.as_array().into_iter().flatten() {
        let words = choices.as_array().into_iter().flatten();
        let mut words = words.filter_map(serde_json::Value::as_str);
        ensure!(
            words.any(|word| said.contains(&word.to_lowercase())),
            "no message says {choices}"
        );
    }
    Ok(())
}

/// Waits for the message in `error`, and returns it.
async fn wait_for_error(tab: &Tab) -> Result<String> {
    tab.until("an error is shown", async || {
        Ok(if tab.visible("error").await? {
            tab.text("error").await?.filter(|text| !text.is_empty())
        } else {
            None
        })
    })
    .await
}

/// All visible text of the page.
async fn page_text(tab: &Tab) -> Result<String> {
    let text = tab.script("return document.body.innerText", vec![]).await?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}
