//! The data set: drawing, uploading, selecting and deleting images.

use crate::{wait_for_digit, wait_for_error};
use anyhow::{Result, ensure};
use fantoccini::key::Key;
use serde_json::json;
use std::time::Duration;
use tests::{
    browser::{Options, Tab, check, log_line},
    images,
};

/// An IDX file of bars.
pub(super) fn bars(count: usize) -> Vec<u8> {
    images::idx(&images::bars(count))
}

/// Waits until the data set has this many images.
pub(super) async fn wait_count(tab: &Tab, count: usize) -> Result<()> {
    tab.wait_text("dataset-count", &format!("is {count}"), |text| {
        text.replace([',', '.', ' '], "") == count.to_string()
    })
    .await?;
    Ok(())
}

/// Waits until the page has written all changes to the browser's storage.
pub(super) async fn wait_saved(tab: &Tab) -> Result<()> {
    tab.wait_text("save-state", "is “Saved”", |text| text == "Saved")
        .await?;
    Ok(())
}

#[tokio::test]
async fn drawing_pad_adds_and_undoes_and_images_are_restored() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        tab.scroll_to("draw-pad").await?;
        let line = [(0.5, 0.2), (0.5, 0.5), (0.5, 0.8)];
        tab.drag_in("draw-pad", &line, Duration::from_millis(30))
            .await?;
        // After a pause in drawing, the digit is added automatically.
        wait_count(tab, 1).await?;
        tab.drag_in("draw-pad", &line, Duration::from_millis(30))
            .await?;
        tab.click("pad-add").await?;
        wait_count(tab, 2).await?;
        tab.click("pad-undo").await?;
        wait_count(tab, 1).await?;
        wait_saved(tab).await?;
        tab.reload().await?;
        wait_for_digit(tab).await?;
        wait_count(tab, 1).await?;
        log_line("the digit is still there");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn upload_reads_tables_and_says_what_it_changed() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        let digits = bars(3);
        let rows: Vec<String> = digits[16..]
            .chunks(28 * 28)
            .enumerate()
            .map(|(label, pixels)| {
                let values: Vec<String> = pixels.iter().map(u8::to_string).collect();
                format!("{label},{}", values.join(","))
            })
            .collect();
        // A mask: 1 where the digit is.
        let mut mask = bars(1);
        mask[16..].iter_mut().for_each(|p| *p = u8::from(*p > 127));
        let table = rows.join("\n");
        let files: [(&str, &[u8]); 3] = [
            ("digits.csv", table.as_bytes()),
            ("mask-idx3-ubyte", &mask),
            ("page.npz", b"<!DOCTYPE html><html><head></head></html>"),
        ];
        tab.upload_files("upload", &files).await?;
        wait_count(tab, 4).await?;
        let message = wait_for_error(tab).await?;
        ensure!(message.contains("web page"), "{message}");
        let notes = tab.text("file-notes").await?.unwrap_or_default();
        log_line(&notes);
        ensure!(
            notes.contains("mask-idx3-ubyte") && notes.contains("stretched"),
            "{notes}"
        );
        Ok(())
    })
    .await;
}

/// A 3 on paper, as the samples of other formats in its folder.
const AVIF: &[u8] = include_bytes!("../../../crates/images/tests/samples/colour.avif");

#[tokio::test]
async fn upload_leaves_avif_and_heic_to_the_browser() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        // No more than the first box, which Chromium does not decode, as it does not decode HEIC.
        let heic = b"\0\0\0\x14ftypheic\0\0\0\0heic";
        let files: [(&str, &[u8]); 2] = [("photo.avif", AVIF), ("photo.heic", heic)];
        tab.upload_files("upload", &files).await?;
        wait_count(tab, 1).await?;
        let message = wait_for_error(tab).await?;
        log_line(&message);
        ensure!(
            message.contains("photo.heic") && message.contains("HEIC") && message.contains("JPEG"),
            "{message}"
        );
        ensure!(!message.contains("photo.avif"), "{message}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn upload_reports_invalid_files_and_adds_the_others() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        let mut lying = bars(3);
        lying[4] = 255;
        let files: [(&str, &[u8]); 3] = [
            ("notes.txt", b"not an image"),
            ("lying-idx3-ubyte", &lying),
            ("bars-idx3-ubyte", &bars(5)),
        ];
        tab.upload_files("upload", &files).await?;
        wait_count(tab, 5).await?;
        let message = wait_for_error(tab).await?;
        log_line(&message);
        ensure!(message.contains("notes.txt") && message.contains("lying-idx3-ubyte"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn gallery_delete_after_undo_removes_only_selected() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        let labels = [&[0, 0, 8, 1, 0, 0, 0, 3][..], &[0, 1, 2]].concat();
        let files: [(&str, &[u8]); 2] =
            [("bars-idx3-ubyte", &bars(3)), ("bars-idx1-ubyte", &labels)];
        tab.upload_files("upload", &files).await?;
        wait_count(tab, 3).await?;
        ensure_labels(tab, &["0", "1", "2"]).await?;

        tab.press("gallery", Key::Home, 1).await?;
        tab.type_text("gallery", " ").await?;
        tab.press("gallery", Key::Delete, 1).await?;
        wait_count(tab, 2).await?;
        ensure_labels(tab, &["1", "2"]).await?;
        // Selects the image labelled 1, which is the first now and the second after the undo.
        tab.press("gallery", Key::Home, 1).await?;
        tab.type_text("gallery", " ").await?;
        tab.click("pad-undo").await?;
        wait_count(tab, 3).await?;
        tab.wait_text("gallery-delete", "offers to delete one image", |text| {
            text == "Delete 1 selected"
        })
        .await?;
        tab.click("gallery-delete").await?;
        wait_count(tab, 2).await?;
        ensure_labels(tab, &["0", "2"]).await
    })
    .await;
}

/// Fails unless the images have these labels and no others.
async fn ensure_labels(tab: &Tab, labels: &[&str]) -> Result<()> {
    let script =
        "return [...document.querySelectorAll('.label-counts b')].map((e) => e.textContent);";
    let found = tab.script(script, vec![]).await?;
    ensure!(
        found == json!(labels),
        "the labels are {found}, not {labels:?}"
    );
    Ok(())
}

/// The gallery's window, its tiles' length and its canvas are as wide and high as the images need.
async fn ensure_gallery_shows(tab: &Tab, count: u32) -> Result<()> {
    let script = "const gallery = document.querySelector('[data-testid=gallery]');
        const canvas = gallery.querySelector('canvas');
        const inked = () => {
            const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
            return pixels.some((value, index) => index % 4 === 0 && value > 128);
        };
        const columns = Math.floor(gallery.clientWidth / 44);
        const rows = Math.ceil(COUNT / columns);
        return columns > 3 && gallery.clientHeight === Math.min(rows, 5) * 44
            && Math.round(canvas.getBoundingClientRect().width) === columns * 44 && inked();"
        .replace("COUNT", &count.to_string());
    tab.until_script(&format!("the gallery shows {count} images"), &script)
        .await?;
    Ok(())
}

#[tokio::test]
async fn gallery_is_drawn_again_when_the_panel_is_opened_again() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(15))])
            .await?;
        wait_count(tab, 15).await?;
        ensure_gallery_shows(tab, 15).await?;
        for other in ["tab-explore", "tab-learn"] {
            tab.click(other).await?;
            tab.until_script(
                "Train is closed",
                "return !document.querySelector('#panel-train');",
            )
            .await?;
            tab.click("tab-train").await?;
            ensure_gallery_shows(tab, 15).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn gallery_offers_to_undo_the_deletion_of_all_images() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
        wait_for_digit(tab).await?;
        tab.upload_files("upload", &[("bars-idx3-ubyte", &bars(15))])
            .await?;
        wait_count(tab, 15).await?;
        tab.press("gallery-clear", Key::Enter, 1).await?;
        wait_count(tab, 0).await?;
        ensure!(tab.visible("gallery-undo").await?, "there is no undo");
        let focused = "return document.activeElement.dataset.testid === 'gallery-undo';";
        tab.until_script("the undo has the focus", focused).await?;
        tab.click("gallery-undo").await?;
        wait_count(tab, 15).await?;
        ensure_gallery_shows(tab, 15).await
    })
    .await;
}
