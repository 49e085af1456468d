//! Compares images of the page with reference images that were reviewed by eye.
//!
//! The references are in `tests/golden/`. When an image differs, expected, difference and actual image are written
//! side by side to the target folder. `ELBO_BLESS=1` overwrites the references with the actual images; review them
//! before committing them.

use crate::browser::{Tab, target_dir};
use anyhow::{Context, Result, bail, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How much an image may differ from its reference.
#[derive(Debug, Clone, Copy)]
pub struct Tolerance {
    /// Maximum difference of a pixel, in grey levels.
    pub level: u8,
    /// Fraction of the pixels that may differ by more, because text rendering differs between machines.
    pub share: f64,
}

/// A greyscale image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldenImage {
    width: usize,
    height: usize,
    grey: Vec<u8>,
}

impl GoldenImage {
    /// Reads a PNG with 8 bits per channel. Grey is the mean of the colour channels.
    ///
    /// # Errors
    /// If it is not such a PNG.
    pub fn from_png(bytes: &[u8]) -> Result<Self> {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info()?;
        let mut buffer = vec![0; reader.output_buffer_size().context("a size")?];
        let info = reader.next_frame(&mut buffer)?;
        ensure!(info.bit_depth == png::BitDepth::Eight, "8 bits a channel");
        let (channels, colours) = match info.color_type {
            png::ColorType::Grayscale => (1, 1),
            png::ColorType::GrayscaleAlpha => (2, 1),
            png::ColorType::Rgb => (3, 3),
            png::ColorType::Rgba => (4, 3),
            png::ColorType::Indexed => bail!("an indexed PNG"),
        };
        let mean = |pixel: &[u8]| {
            let sum: u32 = pixel.iter().take(colours).map(|&c| u32::from(c)).sum();
            (sum / colours as u32) as u8
        };
        Ok(Self {
            width: info.width as usize,
            height: info.height as usize,
            grey: buffer[..info.buffer_size()]
                .chunks_exact(channels)
                .map(mean)
                .collect(),
        })
    }

    fn to_png(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_compression(png::Compression::High);
        encoder.write_header()?.write_image_data(&self.grey)?;
        Ok(bytes)
    }

    /// The absolute difference of each pixel from an image of the same size.
    fn difference(&self, other: &Self) -> Self {
        let pairs = self.grey.iter().zip(&other.grey);
        Self {
            grey: pairs.map(|(a, b)| a.abs_diff(*b)).collect(),
            ..*self
        }
    }

    /// Arranges images side by side.
    fn row(images: &[&Self]) -> Self {
        let height = images.iter().map(|p| p.height).max().unwrap_or(0);
        let width = images.iter().map(|p| p.width).sum();
        let line = |row: usize| {
            images.iter().flat_map(move |p| {
                let there = p.grey.get(row * p.width..(row + 1) * p.width);
                there.map_or_else(|| vec![0; p.width], <[u8]>::to_vec)
            })
        };
        Self {
            width,
            height,
            grey: (0..height).flat_map(line).collect(),
        }
    }
}

/// Checks an image against its reference.
///
/// # Errors
/// If it differs by more than `tolerance`. The message says by how much, and where the comparison was written.
pub fn ensure_golden(name: &str, actual: &GoldenImage, tolerance: Tolerance) -> Result<()> {
    let file = folder().join(format!("{name}.png"));
    if std::env::var_os("ELBO_BLESS").is_some() {
        fs::create_dir_all(folder())?;
        return Ok(fs::write(file, actual.to_png()?)?);
    }
    let expected = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
    let expected = GoldenImage::from_png(&expected)?;
    let write_comparison = |difference: &GoldenImage| -> Result<PathBuf> {
        let place = target_dir().join("e2e").join(format!("{name}.png"));
        fs::create_dir_all(place.parent().context("a folder")?)?;
        fs::write(
            &place,
            GoldenImage::row(&[&expected, difference, actual]).to_png()?,
        )?;
        Ok(place)
    };
    let size = |image: &GoldenImage| (image.width, image.height);
    if size(&expected) != size(actual) {
        let place = write_comparison(&expected.difference(&expected))?;
        bail!(
            "{name} has {:?} pixels instead of {:?}: {}",
            size(actual),
            size(&expected),
            place.display()
        );
    }
    let difference = expected.difference(actual);
    let off = difference
        .grey
        .iter()
        .filter(|&&d| d > tolerance.level)
        .count();
    let share = off as f64 / difference.grey.len() as f64;
    if share > tolerance.share {
        let place = write_comparison(&difference)?;
        bail!(
            "{name}: {:.2} % of the pixels differ by more than {}; the limit is {:.2} %. Expected, difference and \
             actual image are in {}",
            share * 100.0,
            tolerance.level,
            tolerance.share * 100.0,
            place.display()
        );
    }
    Ok(())
}

/// The contents of a canvas of the page.
///
/// # Errors
/// If no canvas matches `selector`.
pub async fn canvas(tab: &Tab, selector: &str) -> Result<GoldenImage> {
    let script = "return document.querySelector(arguments[0])?.toDataURL('image/png') ?? null;";
    let url = tab.script(script, vec![json!(selector)]).await?;
    let data = url
        .as_str()
        .and_then(|url| url.strip_prefix("data:image/png;base64,"))
        .with_context(|| format!("there is no canvas {selector}"))?;
    GoldenImage::from_png(&BASE64_STANDARD.decode(data)?)
}

/// A screenshot of an element.
///
/// # Errors
/// If the element does not exist.
pub async fn seen(tab: &Tab, id: &str) -> Result<GoldenImage> {
    tab.scroll_to(id).await?;
    let place = tab.bounds(id).await?;
    let clip = json!({
        "x": place.x.round(),
        "y": place.y.round(),
        "width": place.width.round(),
        "height": place.height.round(),
        "scale": 1,
    });
    let answer = tab
        .cdp(
            "Page.captureScreenshot",
            json!({ "format": "png", "clip": clip }),
        )
        .await?;
    let data = answer["data"]
        .as_str()
        .context("the screenshot has no data")?;
    GoldenImage::from_png(&BASE64_STANDARD.decode(data)?)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(grey: Vec<u8>) -> GoldenImage {
        GoldenImage {
            width: 2,
            height: grey.len() / 2,
            grey,
        }
    }

    #[test]
    fn golden_image_round_trips_through_png() {
        let before = image(vec![0, 255, 7, 40, 41, 42]);
        let after = GoldenImage::from_png(&before.to_png().unwrap()).unwrap();
        assert_eq!(before, after);
    }

    #[test]
    fn golden_image_row_arranges_images_side_by_side() {
        let (a, b) = (image(vec![1, 2, 3, 4]), image(vec![3, 2, 1, 9]));
        let row = GoldenImage::row(&[&a, &a.difference(&b), &b]);
        assert_eq!((row.width, row.height), (6, 2));
        assert_eq!(row.grey, [1, 2, 2, 0, 3, 2, 3, 4, 2, 5, 1, 9]);
    }
}
