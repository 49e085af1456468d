//! Data sets of other shapes: how files become images, what the page shows of them, training on them.

use super::dataset::{bars, wait_count, wait_saved};
use crate::{wait_for_digit, wait_for_error};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::browser::{Options, Tab, check, log_line};

/// A PNG of one colour with a square of another.
fn icon(side: u32, ground: [u8; 3], ink: [u8; 3]) -> Result<Vec<u8>> {
    let inside = side / 4..side * 3 / 4;
    let pixel = |at: u32| {
        let is_ink = inside.contains(&(at / side)) && inside.contains(&(at % side));
        if is_ink { ink } else { ground }
    };
    let pixels: Vec<u8> = (0..side * side).flat_map(pixel).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}

/// Icons of this side, each of other colours.
fn icons(count: u8, side: u32) -> Result<Vec<(String, Vec<u8>)>> {
    (0..count)
        .map(|i| {
            let icon = icon(side, [250, 240, 10 * i], [20 * i, 40, 200])?;
            Ok((format!("icon-{i}.png"), icon))
        })
        .collect()
}

/// Adds files to the data set.
async fn upload(tab: &Tab, files: &[(String, Vec<u8>)]) -> Result<()> {
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    tab.upload_files("upload", &files).await
}

/// Opens Train with an empty data set.
async fn open(tab: &Tab) -> Result<()> {
    tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
    wait_for_digit(tab).await?;
    Ok(())
}

async fn wait_shape(tab: &Tab, shape: &str) -> Result<()> {
    tab.wait_text("dataset-shape", &format!("is {shape}"), |text| {
        text == shape
    })
    .await?;
    Ok(())
}

/// The size of a canvas' backing store, and whether one of its pixels has a colour.
async fn canvas(tab: &Tab, id: &str) -> Result<(u64, u64, bool)> {
    let script = "const canvas = document.querySelector(`[data-testid='${arguments[0]}']`);
        const { width, height } = canvas;
        const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
        let color = false;
        for (let i = 0; i < data.length; i += 4) color ||= data[i] !== data[i + 1];
        return [width, height, color];";
    let found = tab.script(script, vec![json!(id)]).await?;
    let side = |i: usize| found[i].as_u64().context("a side");
    Ok((side(0)?, side(1)?, found[2] == json!(true)))
}

#[tokio::test]
async fn conversion_of_plain_digits_needs_no_question() {
    check(Options::default(), async |tab, _| {
        open(tab).await?;
        tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(12))])
            .await?;
        wait_count(tab, 12).await?;
        wait_shape(tab, "28×28 grey").await?;
        let summary = tab.text("conversion-summary").await?.unwrap_or_default();
        ensure!(summary.contains("as digits"), "{summary}");
        ensure!(!tab.visible("conversion-apply").await?, "nothing is asked");
        // On demand.
        tab.click("conversion-change").await?;
        ensure!(tab.visible("conversion-apply").await?);
        tab.click("conversion-invert").await?;
        tab.click("conversion-apply").await?;
        tab.wait_text("conversion-summary", "is there again", |text| {
            text.contains("12 images")
        })
        .await?;
        tab.until_script(
            "the choices are closed",
            "return !document.querySelector(\"[data-testid='conversion-apply']\")",
        )
        .await?;
        wait_count(tab, 12).await?;
        tab.click("gallery-undo").await?;
        wait_count(tab, 12).await
    })
    .await;
}

#[tokio::test]
async fn conversion_of_icons_keeps_their_shape_and_can_be_changed() {
    check(Options::default(), async |tab, _| {
        open(tab).await?;
        upload(tab, &icons(12, 32)?).await?;
        wait_count(tab, 12).await?;
        wait_shape(tab, "32×32 colour").await?;
        ensure!(
            tab.visible("conversion-apply").await?,
            "the choices are shown"
        );
        let (width, height, color) = canvas(tab, "conversion-preview-fit").await?;
        log_line(format!("preview {width}×{height}"));
        ensure!(height == 32 && width == 5 * 33 - 1 && color);
        let (_, height, color) = canvas(tab, "conversion-preview-as-digits").await?;
        ensure!(height == 28 && !color);

        tab.click("conversion-fit").await?;
        tab.set_value("conversion-width", "16").await?;
        tab.set_value("conversion-height", "24").await?;
        tab.until("the preview has the size", async || {
            let (width, height, _) = canvas(tab, "conversion-preview-fit").await?;
            Ok(((width, height) == (5 * 17 - 1, 24)).then_some(()))
        })
        .await?;
        tab.click("conversion-channels-grey").await?;
        tab.click("conversion-apply").await?;
        wait_shape(tab, "16×24 grey").await?;
        wait_count(tab, 12).await?;
        wait_saved(tab).await?;
        tab.reload().await?;
        wait_for_digit(tab).await?;
        wait_shape(tab, "16×24 grey").await?;
        wait_count(tab, 12).await
    })
    .await;
}

#[tokio::test]
async fn conversion_beside_other_images_follows_their_shape_or_replaces_them() {
    check(Options::default(), async |tab, _| {
        open(tab).await?;
        tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(3))])
            .await?;
        wait_count(tab, 3).await?;
        upload(tab, &icons(10, 32)?).await?;
        wait_count(tab, 13).await?;
        wait_shape(tab, "28×28 grey").await?;
        tab.click("conversion-replace").await?;
        tab.click("conversion-apply").await?;
        wait_shape(tab, "32×32 colour").await?;
        wait_count(tab, 10).await?;
        tab.click("gallery-undo").await?;
        wait_shape(tab, "28×28 grey").await?;
        wait_count(tab, 13).await
    })
    .await;
}

#[tokio::test]
async fn data_set_of_another_shape_refuses_sample_digits_and_keeps_its_images() {
    check(Options::default(), async |tab, _| {
        open(tab).await?;
        upload(tab, &icons(10, 32)?).await?;
        wait_count(tab, 10).await?;
        tab.click("use-sample-digits").await?;
        let message = wait_for_error(tab).await?;
        ensure!(message.contains("32×32 colour"), "{message}");
        wait_count(tab, 10).await
    })
    .await;
}

#[tokio::test]
async fn labels_are_names_and_new_ones_can_be_added() {
    check(Options::default(), async |tab, _| {
        open(tab).await?;
        // A folder that is picked: its files have paths, and its subfolders are labels.
        let script = "const [icons] = arguments;
            const transfer = new DataTransfer();
            for (const [path, data] of icons) {
                const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
                const file = new File([bytes], path.split('/').pop());
                Object.defineProperty(file, 'webkitRelativePath', { value: path });
                transfer.items.add(file);
            }
            const input = document.querySelector(\"[data-testid='upload-folder']\");
            Object.defineProperty(input, 'files', { value: transfer.files, configurable: true });
            input.dispatchEvent(new Event('change', { bubbles: true }));
            return transfer.files[0].webkitRelativePath;";
        let files: Vec<_> = icons(8, 24)?
            .into_iter()
            .enumerate()
            .map(|(i, (name, bytes))| {
                let class = if i < 5 { "cat" } else { "dog" };
                use base64::Engine;
                json!([
                    format!("pets/{class}/{name}"),
                    base64::prelude::BASE64_STANDARD.encode(bytes)
                ])
            })
            .collect();
        let path = tab.script(script, vec![json!(files)]).await?;
        log_line(format!("the browser gives {path}"));
        wait_count(tab, 8).await?;
        wait_shape(tab, "24×24 colour").await?;
        let classes = tab.text("dataset-classes").await?.unwrap_or_default();
        ensure!(
            classes.contains("cat × 5") && classes.contains("dog × 3"),
            "{classes}"
        );
        tab.press("gallery", fantoccini::key::Key::Home, 1).await?;
        tab.type_text("gallery", " ").await?;
        tab.set_value("gallery-label", "new").await?;
        tab.type_text("gallery-label-new", "horse").await?;
        tab.press("gallery-label-new", fantoccini::key::Key::Enter, 1)
            .await?;
        tab.wait_text("dataset-classes", "has a horse", |text| {
            text.contains("horse × 1") && text.contains("cat × 4")
        })
        .await?;
        tab.click("gallery-undo").await?;
        tab.wait_text("dataset-classes", "is as before", |text| {
            !text.contains("horse") && text.contains("cat × 5")
        })
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn training_on_colour_images_gives_a_convolutional_model_that_is_restored() {
    check(Options::default(), async |tab, _| {
        open(tab).await?;
        upload(tab, &icons(12, 16)?).await?;
        wait_count(tab, 12).await?;
        wait_shape(tab, "16×16 colour").await?;
        let architecture = tab.value("train-architecture").await?;
        ensure!(architecture == "conv", "{architecture}");
        let recommendation = tab.text("train-recommendation").await?.unwrap_or_default();
        ensure!(
            recommendation.contains("16×16 colour") && recommendation.contains("convolutional"),
            "{recommendation}"
        );
        tab.wait_text("train-size", "has the number of parameters", |text| {
            text.contains("parameters")
        })
        .await?;
        // Measured by a short run.
        tab.wait_text("train-speed", "has the speed", |text| {
            text.contains("steps/s")
        })
        .await?;
        tab.script(
            "document.querySelector(\"[data-testid='train-more']\").open = true;",
            vec![],
        )
        .await?;
        tab.set_value("train-channels", "4, 8").await?;
        tab.set_value("train-hidden", "16").await?;
        tab.set_value("train-latent", "2").await?;
        tab.set_value("train-name", "icons").await?;
        tab.set_value("train-seconds", "").await?;
        tab.set_value("train-steps", "20").await?;
        tab.click("train-start").await?;
        tab.wait_text("train-status", "is done", |text| text == "done")
            .await?;
        let name = tab.text("result-name").await?.unwrap_or_default();
        ensure!(name == "icons", "{name}");
        let (_, _, color) = canvas(tab, "train-originals").await?;
        ensure!(color, "the originals have colours");
        wait_saved(tab).await?;
        tab.goto(&tab.url().await?).await?;
        tab.wait_backend(Some("flex")).await?;
        tab.until("the model is restored", async || {
            Ok((tab.value("model").await? == "icons").then_some(()))
        })
        .await?;
        wait_shape(tab, "16×16 colour").await?;
        tab.until("the stage has the images' size", async || {
            let (width, height, _) = canvas(tab, "decoded").await?;
            Ok(((width, height) == (16, 16)).then_some(()))
        })
        .await?;
        // Two dimensions, but a likelihood without quadrature: the queries go on to samples from the prior.
        tab.click("tab-evidence").await?;
        tab.wait_text("log-px-prior-mc", "is estimated", |text| text.contains('±'))
            .await?;
        ensure!(tab.visible("no-exact").await?, "it says why");
        ensure!(!tab.visible("error").await?, "an error");
        Ok(())
    })
    .await;
}
