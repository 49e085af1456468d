//! The model picker, and models whose files are missing or damaged.

use crate::{CALM, ensure_same, page_text, wait_for_digit, wait_for_error};
use anyhow::{Result, ensure};
use tests::browser::{Options, Reply, Server, Tab, check, log_line};

#[tokio::test]
async fn model_picker_switches_the_model() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d").await?;
        let two = wait_for_digit(tab).await?;
        ensure!(tab.z().await?.len() == 2, "mnist-2d has two sliders");
        tab.set_value("model", "mnist-16d").await?;
        tab.until("there are 16 sliders", async || {
            Ok((tab.z().await?.len() == 16).then_some(()))
        })
        .await?;
        let sixteen = tab.changed_pixels(&two).await?;
        tab.set_z(15, 2.5).await?;
        tab.changed_pixels(&sixteen).await?;
        log_line("mnist-16d: 16 sliders, and the last one moves the image");
        tab.set_value("model", "mnist-2d").await?;
        tab.until("there are two sliders again", async || {
            Ok((tab.z().await?.len() == 2).then_some(()))
        })
        .await?;
        tab.settled_pixels(CALM).await?;
        Ok(())
    })
    .await;
}

/// Replaces a file of mnist-16d while mnist-2d is in use: selecting mnist-16d must show an error that names it and
/// leave mnist-2d in use; with the original file, selecting it works.
async fn broken(tab: &Tab, server: &Server, file: &'static str, reply: Reply) -> Result<()> {
    tab.open("?backend=flex&model=mnist-2d").await?;
    let before = wait_for_digit(tab).await?;
    server.replace(move |path| path.contains(file), reply);
    tab.set_value("model", "mnist-16d").await?;
    let message = wait_for_error(tab).await?;
    log_line(format!("error: {message}"));
    ensure!(
        message.contains("mnist-16d"),
        "the message does not name the model: {message}"
    );
    let z = tab.z().await?;
    ensure!(
        z.len() == 2,
        "mnist-2d is no longer in use: {} sliders",
        z.len()
    );
    let kept = tab.settled_pixels(CALM).await?;
    ensure!(kept == before, "the image that was there is gone");
    tab.set_z(0, if z[0] > 0.0 { -1.5 } else { 1.5 }).await?;
    tab.changed_pixels(&before).await?;
    log_line("mnist-2d still works");

    server.restore();
    // The picker may have returned to mnist-2d by itself.
    tab.set_value("model", "mnist-2d").await?;
    tab.set_value("model", "mnist-16d").await?;
    tab.until("mnist-16d loads once its files are complete", async || {
        Ok((tab.z().await?.len() == 16).then_some(()))
    })
    .await?;
    tab.until("the error goes away", async || {
        Ok((!tab.visible("error").await?).then_some(()))
    })
    .await
}

fn faults() -> Options {
    Options {
        expects_errors: true,
        ..Options::default()
    }
}

/// Flips bits in the middle of the weights; length and header stay valid.
fn flip(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    for byte in &mut bytes[middle..middle + 64] {
        *byte ^= 0x7f;
    }
    bytes
}

fn halve(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2);
    bytes
}

#[tokio::test]
async fn model_with_corrupted_weights_is_rejected() {
    let weights = "mnist-16d.safetensors";
    check(faults(), async |tab, server| {
        broken(tab, server, weights, Reply::Edit(flip)).await
    })
    .await;
}

#[tokio::test]
async fn model_with_truncated_weights_is_rejected() {
    let weights = "mnist-16d.safetensors";
    check(faults(), async |tab, server| {
        broken(tab, server, weights, Reply::Edit(halve)).await
    })
    .await;
}

#[tokio::test]
async fn model_with_missing_weights_is_rejected() {
    let weights = "mnist-16d.safetensors";
    check(faults(), async |tab, server| {
        broken(tab, server, weights, Reply::NotFound).await
    })
    .await;
}

#[tokio::test]
async fn model_with_invalid_card_is_rejected() {
    let page = b"<!doctype html><title>Not found</title>".to_vec();
    check(faults(), async |tab, server| {
        broken(tab, server, "mnist-16d.json", Reply::Bytes(page)).await
    })
    .await;
}

#[tokio::test]
async fn model_with_missing_card_is_rejected() {
    check(faults(), async |tab, server| {
        broken(tab, server, "mnist-16d.json", Reply::NotFound).await
    })
    .await;
}

#[tokio::test]
async fn model_with_weights_of_another_model_is_rejected() {
    check(faults(), async |tab, server| {
        let other = server
            .files()
            .find(|(path, _)| path.ends_with("mnist-2d.safetensors"))
            .map(|(_, bytes)| bytes.to_vec())
            .unwrap_or_default();
        let weights = "mnist-16d.safetensors";
        broken(tab, server, weights, Reply::Bytes(other)).await
    })
    .await;
}

#[tokio::test]
async fn model_that_fails_at_start_is_reported() {
    check(faults(), async |tab, server| {
        server.replace(
            |path| path.contains("mnist-2d.safetensors"),
            Reply::Edit(flip),
        );
        tab.open("?backend=flex&model=mnist-2d").await?;
        let message = wait_for_error(tab).await?;
        log_line(format!("error: {message}"));
        ensure!(
            message.contains("mnist-2d"),
            "the message does not name the model: {message}"
        );
        tab.set_value("model", "mnist-16d").await?;
        tab.until("mnist-16d can still be used", async || {
            Ok((tab.z().await?.len() == 16).then_some(()))
        })
        .await?;
        let shown = tab.settled_pixels(CALM).await?;
        tab.set_z(3, 2.0).await?;
        tab.changed_pixels(&shown).await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn model_unknown_in_url_opens_the_default_and_is_reported() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=no-such-model").await?;
        let shown = wait_for_digit(tab).await?;
        let text = page_text(tab).await?;
        ensure!(
            text.contains("no-such-model"),
            "the page does not report that the model of the address is unknown: {text}"
        );
        tab.open("?backend=flex").await?;
        let defaults = wait_for_digit(tab).await?;
        ensure_same("an unknown model opens the default", &defaults, &shown)
    })
    .await;
}
