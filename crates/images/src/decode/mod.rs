//! Decodes image files to greyscale: PNG, JPEG, WebP, BMP and the first frame of a GIF.

mod bmp;
mod formats;

use crate::{
    file_format::FileFormat, grey_image::GreyImage, histogram::percentile, orientation::upright,
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
    #[error("{0}; supported are PNG, JPEG, WebP, BMP and GIF images, IDX files and ZIPs of images")]
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

/// A decoded image before conversion to greyscale.
struct Decoded {
    width: usize,
    height: usize,
    /// `[height × width × channels]`.
    samples: Vec<u8>,
    /// 1: grey, 2: grey and alpha, 3: RGB, 4: RGBA.
    channels: usize,
    /// The EXIF orientation, 1 to 8.
    orientation: u8,
}

/// Decodes an image. Transparent pixels become background, and the EXIF orientation is applied.
///
/// # Errors
/// [`DecodeError`]. The size that the header declares is checked before anything is decoded.
pub fn decode(bytes: &[u8]) -> Result<GreyImage, DecodeError> {
    let decoded = match FileFormat::detect(bytes) {
        FileFormat::Png => formats::png(bytes),
        FileFormat::Jpeg => formats::jpeg(bytes),
        FileFormat::WebP => formats::webp(bytes),
        FileFormat::Bmp => bmp::decode(bytes),
        FileFormat::Gif => formats::gif(bytes),
        FileFormat::Unsupported(name) => {
            Err(DecodeError::UnsupportedFormat(format!("this is {name}")))
        }
        _ => Err(DecodeError::UnsupportedFormat(
            "this is not an image".into(),
        )),
    }?;
    let orientation = decoded.orientation;
    let grey = to_grey(decoded).ok_or_else(|| DecodeError::Damaged {
        format: "decoded",
        reason: "it has fewer pixels than its size requires".into(),
    })?;
    Ok(upright(grey, orientation))
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

fn to_grey(decoded: Decoded) -> Option<GreyImage> {
    let pixels = match decoded.channels {
        1 => decoded.samples,
        2 => over_background(decoded.samples.as_chunks::<2>().0.iter().copied()),
        3 => {
            let (rgb, _) = decoded.samples.as_chunks::<3>();
            rgb.iter().map(|&[r, g, b]| luma(r, g, b)).collect()
        }
        4 => {
            let (rgba, _) = decoded.samples.as_chunks::<4>();
            over_background(rgba.iter().map(|&[r, g, b, a]| [luma(r, g, b), a]))
        }
        _ => return None,
    };
    GreyImage::new(decoded.width, decoded.height, pixels).ok()
}

/// Luma with the weights of Rec. 601, in 8-bit fixed point.
fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29) >> 8) as u8
}

/// Composites grey and alpha over an estimated background. If all opaque pixels have about one level,
/// they are ink and the background is the opposite extreme; otherwise the background is their median.
fn over_background(pixels: impl Iterator<Item = [u8; 2]> + Clone) -> Vec<u8> {
    let mut opaque = [0; 256];
    for [value, alpha] in pixels.clone() {
        if alpha > 127 {
            opaque[usize::from(value)] += 1;
        }
    }
    let (dark, light) = (percentile(&opaque, 0.02), percentile(&opaque, 0.98));
    let middle = percentile(&opaque, 0.5);
    let background = if light - dark < 64 {
        if middle < 128 { 255 } else { 0 }
    } else {
        u32::from(middle)
    };
    pixels
        .map(|[value, alpha]| {
            let (value, alpha) = (u32::from(value), u32::from(alpha));
            ((value * alpha + background * (255 - alpha) + 127) / 255) as u8
        })
        .collect()
}
