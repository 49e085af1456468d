//! Measures how long large files take from the picker to the gallery, and how much memory the page needs for them.

use crate::mnist;
use anyhow::{Context, Result};
use serde::Serialize;
use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
    time::Duration,
};
use tests::browser::{Driver, Options, Server, Tab};

/// Longest time for a file.
const PATIENCE: Duration = Duration::from_secs(120);

/// Notes when the gallery shows the first image.
const WATCH: &str = "
    const count = document.querySelector(\"[data-testid='dataset-count']\");
    globalThis.bench = { shown: null };
    document.querySelector(\"[data-testid='upload']\").addEventListener('change', () => { bench.start = performance.now(); }, true);
    new MutationObserver(() => {
        if (bench.shown === null && count.textContent !== '0') {
            requestAnimationFrame(() => requestAnimationFrame(() => { bench.shown = performance.now() - bench.start; }));
        }
    }).observe(count, { characterData: true, childList: true, subtree: true });";

/// Results for one file.
#[derive(Debug, Serialize)]
pub(crate) struct FileResult {
    pub(crate) file: String,
    pub(crate) bytes: u64,
    /// Number of images in the data set afterwards.
    pub(crate) images: u64,
    /// Milliseconds from the choice of the file to the frame after that with the gallery.
    pub(crate) ms: f64,
    /// Peak resident memory of the page with its workers until all is saved, above that before, in MB; Linux only.
    pub(crate) peak_mb: Option<f64>,
}

/// Number and side in pixels of the drawings.
const DRAWINGS: (usize, usize) = (1_000, 280);

/// A ZIP with drawings as a canvas saves them: PNG files, dark on white, in colour with alpha.
fn zip_of_drawings(pixels: &[u8]) -> Result<Vec<u8>> {
    let (count, side) = DRAWINGS;
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (index, digit) in pixels.chunks_exact(784).take(count).enumerate() {
        let rgba: Vec<u8> = (0..side * side)
            .map(|at| [at / side, at % side].map(|place| place * 28 / side))
            .flat_map(|[y, x]| {
                let level = 255 - digit[y * 28 + x];
                [level, level, level, 255]
            })
            .collect();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, side as u32, side as u32);
        encoder.set_color(png::ColorType::Rgba);
        encoder.write_header()?.write_image_data(&rgba)?;
        archive.start_file(
            format!("drawings/{index}.png"),
            zip::write::SimpleFileOptions::default(),
        )?;
        archive.write_all(&file)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Measures MNIST's 60,000 training images as a plain IDX file, 1,000 drawings, and further files.
pub(crate) async fn measure(
    driver: &Driver,
    server: &Server,
    options: &Options,
    data: &Path,
    others: &[PathBuf],
) -> Result<Vec<FileResult>> {
    let folder = tempfile::tempdir()?;
    let idx = folder.path().join("train-images-idx3-ubyte");
    let pixels = mnist::images(data, mnist::TRAINING, 60_000)?;
    let header = [
        [0, 0, 8, 3],
        60_000_u32.to_be_bytes(),
        [0, 0, 0, 28],
        [0, 0, 0, 28],
    ];
    fs::write(&idx, [header.as_flattened(), &pixels].concat())?;
    let drawings = folder.path().join("drawings.zip");
    fs::write(&drawings, zip_of_drawings(&pixels)?)?;
    let mut results = Vec::new();
    for file in [&idx, &drawings].into_iter().chain(others) {
        results.push(of_file(driver, server, options, file).await?);
    }
    Ok(results)
}

async fn of_file(
    driver: &Driver,
    server: &Server,
    options: &Options,
    file: &Path,
) -> Result<FileResult> {
    let tab = Tab::start(driver.url(), server, options).await?;
    tab.open("?backend=flex&model=mnist-2d&tab=train").await?;
    tab.wait_backend(Some("flex")).await?;
    tab.settled_pixels(Duration::from_secs(1)).await?;
    tab.script(WATCH, vec![]).await?;
    // The page's is the largest.
    let renderers = driver.renderers();
    let largest = |field| {
        let each = renderers.iter().filter_map(|&pid| memory(pid, field));
        each.max_by(f64::total_cmp)
    };
    for pid in &renderers {
        // Resets the peak. Where that fails, the peak is that since the start.
        fs::write(format!("/proc/{pid}/clear_refs"), "5").ok();
    }
    let before = largest("VmRSS");
    tab.upload_paths("upload", &[file.to_owned()]).await?;
    let shown = "return globalThis.bench.shown";
    let ms = tab
        .until_within(PATIENCE, "the gallery is shown", async || {
            Ok(tab.script(shown, vec![]).await?.as_f64())
        })
        .await?;
    tab.until_within(PATIENCE, "all is saved", async || {
        let text = tab.text("save-state").await?;
        Ok((text.as_deref() == Some("Saved")).then_some(()))
    })
    .await?;
    let peak = largest("VmHWM");
    let images = tab.text("dataset-count").await?.unwrap_or_default();
    let result = FileResult {
        file: file
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        bytes: fs::metadata(file)?.len(),
        images: images.parse().context("a number of images")?,
        ms,
        peak_mb: before.zip(peak).map(|(before, peak)| peak - before),
    };
    tab.close().await?;
    Ok(result)
}

/// A field of a process' memory statistics, in MB.
fn memory(pid: u32, field: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1e3 * 1.024)
}
