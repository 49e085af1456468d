//! Decodes image files: PNG, JPEG, WebP, BMP, PGM and its relatives, the first frame of a GIF and the first page of a TIFF.

mod bmp;
mod contrast;
mod formats;
mod pnm;
mod tiff;

use crate::{
    file_format::FileFormat,
    grey_image::GreyImage,
    orientation::upright,
    raster::{Raster, luma},
    transparency::{background, blend, flatten},
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
        "{0}; supported are PNG, JPEG, WebP, BMP, GIF, TIFF and PGM images, tables (CSV), IDX and NumPy files, and ZIP or tar archives of these"
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
        FileFormat::Pnm => pnm::decode(bytes),
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
            let background = background(pixels.iter().copied(), false);
            let over = pixels.iter().map(|&[v, a]| blend(v, a, background));
            (1, over.collect())
        }
        3 if wants_color => (3, samples),
        3 => {
            let (rgb, _) = samples.as_chunks::<3>();
            (1, rgb.iter().map(|&[r, g, b]| luma(r, g, b)).collect())
        }
        4 => return flatten(width, height, &samples, wants_color),
        _ => return None,
    };
    Raster::new(width, height, channels, pixels)
}
