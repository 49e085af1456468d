//! Decodes image files: PNG, JPEG, WebP, BMP, the first frame of a GIF and the first page of a TIFF.

mod bmp;
mod contrast;
mod formats;
mod tiff;

use crate::{
    file_format::FileFormat, grey_image::GreyImage, histogram::percentile, orientation::upright,
    raster::Raster,
};
use thiserror::Error;

/// Maximum width and maximum height of an image that is decoded, in pixels.
pub const MAX_SIDE: usize = 16_384;

/// Maximum number of pixels of an image that is decoded; current phone cameras have 50 million.
pub const MAX_PIXELS: usize = 64_000_000;

/// Why an image cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// The format is unknown or not supported.
    #[error(
        "{0}; supported are PNG, JPEG, WebP, BMP, GIF and TIFF images, tables (CSV), IDX and NumPy files, and ZIP or tar archives of these"
    )]
    UnsupportedFormat(String),
    /// The header declares more than [`MAX_SIDE`] or [`MAX_PIXELS`], or no pixels.
    #[error(
        "the image has {width}×{height} pixels according to its header; the limit is {MAX_SIDE} per side and {} million in total: scale it down",
        MAX_PIXELS / 1_000_000
    )]
    TooLarge {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// The file ends before the image is complete.
    #[error("the {0} image is truncated: download or save it again")]
    Truncated(&'static str),
    /// The decoder rejects the data.
    #[error("the {format} image is damaged ({reason}): download or save it again")]
    Damaged {
        /// The format.
        format: &'static str,
        /// The decoder's message.
        reason: String,
    },
}

/// A decoded image before transparency and orientation are applied.
struct Decoded {
    width: usize,
    height: usize,
    /// `[height × width × channels]`.
    samples: Vec<u8>,
    /// 1: grey, 2: grey and alpha, 3: RGB, 4: RGBA.
    channels: usize,
    /// The EXIF orientation, 1 to 8.
    orientation: u8,
    /// What was changed or left out, for the user.
    note: Option<String>,
}

/// An image, and what the user should know about it.
pub(crate) struct DecodedImage {
    pub(crate) image: Raster,
    pub(crate) note: Option<String>,
}

/// Decodes an image. Transparent pixels become background, and the EXIF orientation is applied.
///
/// # Errors
/// [`DecodeError`]. The size that the header declares is checked before anything is decoded.
pub fn decode(bytes: &[u8]) -> Result<GreyImage, DecodeError> {
    Ok(decode_image(bytes, false)?.image.into_grey())
}

/// Decodes an image in its colours, as [`decode`] does.
///
/// # Errors
/// [`DecodeError`].
pub fn decode_color(bytes: &[u8]) -> Result<Raster, DecodeError> {
    Ok(decode_image(bytes, true)?.image)
}

/// Decodes an image, in colour where the file has colours and `wants_color` is set.
pub(crate) fn decode_image(bytes: &[u8], wants_color: bool) -> Result<DecodedImage, DecodeError> {
    let format = FileFormat::detect(bytes);
    let decoded = match format {
        FileFormat::Png => formats::png(bytes),
        FileFormat::Jpeg => formats::jpeg(bytes, wants_color),
        FileFormat::WebP => formats::webp(bytes),
        FileFormat::Bmp => bmp::decode(bytes),
        FileFormat::Gif => formats::gif(bytes),
        FileFormat::Tiff => tiff::decode(bytes),
        FileFormat::Unsupported(name, advice) => Err(DecodeError::UnsupportedFormat(format!(
            "this is {name}: {advice}"
        ))),
        FileFormat::BrowserImage(name, _) => Err(DecodeError::UnsupportedFormat(format!(
            "this is {name}: save it as JPEG or PNG"
        ))),
        _ => Err(DecodeError::UnsupportedFormat(
            "this is not an image".into(),
        )),
    }?;
    let (orientation, mut note) = (decoded.orientation, decoded.note.clone());
    let mut image = to_raster(decoded, wants_color).ok_or_else(|| DecodeError::Damaged {
        format: "decoded",
        reason: "it has fewer pixels than its size requires".into(),
    })?;
    // JPEG and WebP compress with losses, so that small differences are no content.
    if !matches!(format, FileFormat::Jpeg | FileFormat::WebP)
        && let Some(stretched) = contrast::stretch(&mut image)
    {
        note = Some(stretched);
    }
    Ok(DecodedImage {
        image: upright(image, orientation),
        note,
    })
}

/// Checks the size that a header declares.
fn check_size(width: usize, height: usize) -> Result<(), DecodeError> {
    let fits = width <= MAX_SIDE
        && height <= MAX_SIDE
        && width
            .checked_mul(height)
            .is_some_and(|pixels| (1..=MAX_PIXELS).contains(&pixels));
    if fits {
        Ok(())
    } else {
        Err(DecodeError::TooLarge { width, height })
    }
}

/// Applies transparency, and converts to grey unless colours are wanted.
fn to_raster(decoded: Decoded, wants_color: bool) -> Option<Raster> {
    let Decoded {
        width,
        height,
        samples,
        channels,
        ..
    } = decoded;
    let (channels, pixels) = match channels {
        1 => (1, samples),
        2 => {
            let (pixels, _) = samples.as_chunks::<2>();
            let background = background(pixels.iter().copied());
            let over = pixels.iter().map(|&[v, a]| blend(v, a, background));
            (1, over.collect())
        }
        3 if wants_color => (3, samples),
        3 => {
            let (rgb, _) = samples.as_chunks::<3>();
            (1, rgb.iter().map(|&[r, g, b]| luma(r, g, b)).collect())
        }
        4 => {
            let (rgba, _) = samples.as_chunks::<4>();
            let background = background(rgba.iter().map(|&[r, g, b, a]| [luma(r, g, b), a]));
            if wants_color {
                let over = rgba
                    .iter()
                    .flat_map(|&[r, g, b, a]| [r, g, b].map(|v| blend(v, a, background)));
                (3, over.collect())
            } else {
                let over = rgba
                    .iter()
                    .map(|&[r, g, b, a]| blend(luma(r, g, b), a, background));
                (1, over.collect())
            }
        }
        _ => return None,
    };
    Raster::new(width, height, channels, pixels)
}

/// Applies the transparency of red, green, blue and alpha.
pub(crate) fn flatten_rgba(width: usize, height: usize, samples: Vec<u8>) -> Option<Raster> {
    let decoded = Decoded {
        width,
        height,
        samples,
        channels: 4,
        orientation: 1,
        note: None,
    };
    to_raster(decoded, true)
}

/// Luma with the weights of Rec. 601, in 8-bit fixed point.
pub(crate) fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29) >> 8) as u8
}

/// Estimates the level behind transparent pixels. If all pixels that are about as opaque as any have about one level,
/// they are ink and the background is the opposite extreme; otherwise the background is their median.
fn background(pixels: impl Iterator<Item = [u8; 2]> + Clone) -> u8 {
    let most_opaque = pixels.clone().map(|[_, alpha]| alpha).max().unwrap_or(0);
    let mut opaque = [0; 256];
    for [value, alpha] in pixels {
        if 2 * u32::from(alpha) > u32::from(most_opaque) {
            opaque[usize::from(value)] += 1;
        }
    }
    let (dark, light) = (percentile(&opaque, 0.02), percentile(&opaque, 0.98));
    let middle = percentile(&opaque, 0.5);
    if light.saturating_sub(dark) >= 64 {
        middle
    } else if middle < 128 {
        255
    } else {
        0
    }
}

/// A value over a background.
fn blend(value: u8, alpha: u8, background: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + u32::from(background) * (255 - alpha) + 127) / 255) as u8
}
