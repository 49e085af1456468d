//! Image files to grey pictures: PNG, JPEG, WebP, BMP and the first frame of a GIF.

mod bmp;
mod formats;

use crate::{grey::Grey, histogram::percentile, kind::Kind, orientation::upright};
use thiserror::Error;

/// The most columns, and the most rows, of a picture that is decoded.
pub const MAX_SIDE: usize = 16_384;

/// The most pixels of a picture that is decoded: today's phones take 50 million.
pub const MAX_PIXELS: usize = 64_000_000;

/// A picture that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// Another format, or none.
    #[error("{0}; bring PNG, JPEG, WebP, BMP or GIF pictures, IDX files or a ZIP of pictures")]
    NotAPicture(String),
    /// The header says that it is larger than [`MAX_SIDE`] or [`MAX_PIXELS`].
    #[error(
        "the picture says that it has {width}×{height} pixels; at most {MAX_SIDE} on a side and {} million in all are read: scale it down",
        MAX_PIXELS / 1_000_000
    )]
    TooLarge {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },
    /// The file ends before the picture does.
    #[error("the {0} picture is cut off: fetch or save it again")]
    CutOff(&'static str),
    /// The decoder says no.
    #[error("the {format} picture is damaged ({reason}): fetch or save it again")]
    Damaged {
        /// The format.
        format: &'static str,
        /// What the decoder says.
        reason: String,
    },
}

/// Pixels as the decoders give them.
struct Raw {
    width: usize,
    height: usize,
    /// `[height × width × channels]`.
    samples: Vec<u8>,
    /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    channels: usize,
    /// EXIF's.
    orientation: u8,
}

/// Reads a picture. What is transparent becomes ground; a photo is turned as its camera was held.
///
/// # Errors
/// See [`DecodeError`]. The size that the header declares is checked before anything is decoded.
pub fn decode(bytes: &[u8]) -> Result<Grey, DecodeError> {
    let raw = match Kind::of(bytes) {
        Kind::Png => formats::png(bytes),
        Kind::Jpeg => formats::jpeg(bytes),
        Kind::WebP => formats::webp(bytes),
        Kind::Bmp => bmp::decode(bytes),
        Kind::Gif => formats::gif(bytes),
        Kind::Foreign(what) => Err(DecodeError::NotAPicture(format!("this is {what}"))),
        _ => Err(DecodeError::NotAPicture("this is no picture".into())),
    }?;
    let turn = raw.orientation;
    let grey = grey(raw).ok_or_else(|| DecodeError::Damaged {
        format: "decoded",
        reason: "its pixels are fewer than its size says".into(),
    })?;
    Ok(upright(grey, turn))
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

fn grey(raw: Raw) -> Option<Grey> {
    let pixels = match raw.channels {
        1 => raw.samples,
        2 => over_ground(raw.samples.as_chunks::<2>().0.iter().copied()),
        3 => {
            let (rgb, _) = raw.samples.as_chunks::<3>();
            rgb.iter().map(|&[r, g, b]| luma(r, g, b)).collect()
        }
        4 => {
            let (rgba, _) = raw.samples.as_chunks::<4>();
            over_ground(rgba.iter().map(|&[r, g, b, a]| [luma(r, g, b), a]))
        }
        _ => return None,
    };
    Grey::new(raw.width, raw.height, pixels).ok()
}

/// Rec. 601's weights, of 256.
fn luma(r: u8, g: u8, b: u8) -> u8 {
    ((u32::from(r) * 77 + u32::from(g) * 150 + u32::from(b) * 29) >> 8) as u8
}

/// Grey and alpha over the ground. Where what is opaque has one colour, it is the ink, and the
/// ground is its opposite; else most of what is opaque is ground.
fn over_ground(pixels: impl Iterator<Item = [u8; 2]> + Clone) -> Vec<u8> {
    let mut opaque = [0; 256];
    for [value, alpha] in pixels.clone() {
        if alpha > 127 {
            opaque[usize::from(value)] += 1;
        }
    }
    let (dark, light) = (percentile(&opaque, 0.02), percentile(&opaque, 0.98));
    let middle = percentile(&opaque, 0.5);
    let ground = if light - dark < 64 {
        if middle < 128 { 255 } else { 0 }
    } else {
        u32::from(middle)
    };
    pixels
        .map(|[value, alpha]| {
            let (value, alpha) = (u32::from(value), u32::from(alpha));
            ((value * alpha + ground * (255 - alpha) + 127) / 255) as u8
        })
        .collect()
}
