//! A conditional model, with a control for the label.

use crate::{CALM, difference, ensure_same, page_text, wait_for_digit};
use anyhow::{Result, ensure};
use tests::{
    browser::{Options, Tab, check, dist, log_line},
    native_decode::native_decode_given,
};

const MODEL: &str = "mnist-conditional";
const Z: [f32; 8] = [0.5, -0.25, 0.0, 1.0, -1.0, 0.0, 0.75, 0.0];

/// The traversal of a dimension in which [`Z`] is 0.
const STRIP: &str = "[data-testid='traversal-2'] canvas";

/// Opens the model at [`Z`], with or without a label in the address.
async fn open(tab: &Tab, label: Option<&str>) -> Result<Vec<u8>> {
    let z: Vec<_> = Z.iter().map(f32::to_string).collect();
    let label = label.map_or(String::new(), |label| format!("&label={label}"));
    let z = z.join(",");
    tab.open(&format!("?model={MODEL}&backend=flex&z={z}{label}"))
        .await?;
    wait_for_digit(tab).await
}

/// The image that the model decodes natively from [`Z`] and a mixture of labels with these weights.
fn native(labels: &[(usize, f32)]) -> Result<Vec<u8>> {
    let mut condition = [0.0; 10];
    for &(label, weight) in labels {
        condition[label] = weight;
    }
    native_decode_given(&dist().join("weights"), MODEL, &Z, &condition)
}

#[tokio::test]
async fn label_is_decoded_and_in_url() {
    check(Options::default(), async |tab, _| {
        let before = open(tab, None).await?;
        ensure_same("label 0 at the start", &native(&[(0, 1.0)])?, &before)?;

        tab.click("label-3").await?;
        tab.changed_pixels(&before).await?;
        let three = tab.settled_pixels(CALM).await?;
        ensure_same("label 3", &native(&[(3, 1.0)])?, &three)?;
        let address = tab
            .until("the address has the label", async || {
                let address = tab.url().await?;
                Ok(address.contains("label=3").then_some(address))
            })
            .await?;
        log_line(format!("address: {address}"));
        tab.goto(&address).await?;
        ensure_same("as a shared link", &three, &wait_for_digit(tab).await?)?;
        ensure!(
            tab.value("label").await? == "3",
            "the slider is at the label"
        );

        tab.set_value("label", "3.25").await?;
        tab.changed_pixels(&three).await?;
        ensure_same(
            "between 3 and 4",
            &native(&[(3, 0.75), (4, 0.25)])?,
            &tab.settled_pixels(CALM).await?,
        )
    })
    .await;
}

#[tokio::test]
async fn label_changes_traversals_and_pins() {
    check(Options::default(), async |tab, _| {
        tab.open(&format!(
            "?model={MODEL}&backend=flex&tab=explore&z={z}&pins={z}&label=7",
            z = Z.map(|z| z.to_string()).join(",")
        ))
        .await?;
        wait_for_digit(tab).await?;
        for (label, button) in [(7, None), (2, Some("label-2"))] {
            if let Some(button) = button {
                tab.click(button).await?;
            }
            let expected = native(&[(label, 1.0)])?;
            // z is 0 in this dimension, so the strip's middle column is decoded from z itself.
            for canvas in ["[data-testid='pin-0'] canvas", STRIP] {
                let left = if canvas == STRIP { 5 * 28 } else { 0 };
                tab.until(format!("{canvas} is of label {label}"), async || {
                    let found = tab.canvas_pixels(canvas, [left, 0]).await?;
                    let same = |found: Vec<u8>| difference(&found, &expected, 2).1 == 0;
                    Ok(found.is_some_and(same).then_some(()))
                })
                .await?;
            }
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn label_is_for_conditional_models_and_an_invalid_one_is_reported() {
    check(Options::default(), async |tab, _| {
        let shown = open(tab, Some("12")).await?;
        ensure_same("label 0", &native(&[(0, 1.0)])?, &shown)?;
        let text = page_text(tab).await?;
        ensure!(
            text.contains("label in the address"),
            "the invalid label is not reported: {text}"
        );
        tab.set_value("model", "mnist-2d").await?;
        tab.until("the control is gone", async || {
            Ok((!tab.visible("label").await?).then_some(()))
        })
        .await?;
        tab.until("the address has no label", async || {
            let address = tab.url().await?;
            let gone = address.contains("mnist-2d") && !address.contains("label=");
            Ok(gone.then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn evidence_says_for_which_label_its_numbers_hold() {
    check(Options::default(), async |tab, _| {
        tab.open("?model=mnist-2d&backend=flex&tab=evidence")
            .await?;
        wait_for_digit(tab).await?;
        tab.wait_text("guess", "the digit is a 3", |text| {
            text.contains("Label: 3")
        })
        .await?;
        // Under the label 0, p(x) of a 3 would be that of a bad model.
        tab.set_value("model", MODEL).await?;
        tab.wait_text("evidence-label", "the model is told the label", |text| {
            text.contains("label 3") && !text.contains("but")
        })
        .await?;
        ensure!(tab.value("label").await? == "3");
        tab.click("label-0").await?;
        tab.wait_text("evidence-label", "the labels differ", |text| {
            text.contains("label 0") && text.contains("but the image’s label is 3")
        })
        .await?;
        tab.click("evidence-use-label").await?;
        tab.until("the image's label is used", async || {
            Ok((tab.value("label").await? == "3").then_some(()))
        })
        .await
    })
    .await;
}
