//! MNIST's normalization: light ink on a dark background, the ink's bounding box scaled to fit 20×20
//! with its aspect ratio, then centred by its centre of mass in 28×28.

use crate::{
    grey_image::GreyImage,
    histogram::{otsu, percentile, restrict},
    image::{Pixels, SIDE},
    resample::resample,
};
use thiserror::Error;

/// Longer side of the ink's bounding box in a normalized image, in pixels.
pub const INK_SIDE: usize = 20;

/// Minimum difference between background and ink, in grey levels (0 to 255).
pub const MIN_CONTRAST: u8 = 24;

/// Grey level below which pixels do not count towards the bounding box.
const FAINT: u8 = 32;
/// Fraction of the brightest level below which pixels do not count towards the bounding box of ink
/// with [`LARGE`] pixels or more. There they are the soft edges of strokes; in small images they may be
/// thin strokes.
const SOFT_EDGE: f32 = 0.4;
/// Longer side, in pixels, from which the ink is scaled down to half or less.
const LARGE: usize = 2 * INK_SIDE;

/// The image has no contrast, so there is nothing to normalize.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the image is blank: all of it has about one grey level; choose one that shows a digit")]
pub struct BlankImage;

/// Normalizes a drawing of any size: light strokes on a background of 0.
///
/// # Errors
/// [`BlankImage`] if nothing is drawn.
pub fn normalize_drawing(drawing: &GreyImage) -> Result<Pixels, BlankImage> {
    fit_and_centre(drawing)
}

/// Normalizes an image of one digit, dark on light or light on dark. A 28×28 image that is already
/// normalized keeps its pixels.
///
/// # Errors
/// [`BlankImage`] if the image has about one grey level.
pub fn normalize_image(image: &GreyImage) -> Result<Pixels, BlankImage> {
    let light = light_on_dark(image)?;
    if let Ok(pixels) = Pixels::try_from(light.pixels())
        && (light.width(), light.height()) == (SIDE, SIDE)
        && is_normalized(&light)
    {
        return Ok(pixels);
    }
    fit_and_centre(&stretch_contrast(&light))
}

/// Inverts dark-on-light images. The background is the median level of the image's border.
fn light_on_dark(image: &GreyImage) -> Result<GreyImage, BlankImage> {
    let counts = image.histogram();
    let contrast = percentile(&counts, 0.999) - percentile(&counts, 0.001);
    if contrast < MIN_CONTRAST {
        return Err(BlankImage);
    }
    let threshold = otsu(&counts);
    let (width, height) = (image.width(), image.height());
    let mut border = [0; 256];
    for x in 0..width {
        border[usize::from(image.at(x, 0))] += 1;
        border[usize::from(image.at(x, height - 1))] += 1;
    }
    for y in 0..height {
        border[usize::from(image.at(0, y))] += 1;
        border[usize::from(image.at(width - 1, y))] += 1;
    }
    Ok(if percentile(&border, 0.5) > threshold {
        image.map(|p| 255 - p)
    } else {
        image.clone()
    })
}

/// Maps the background to 0 and full ink to 255. Expects light ink on a dark background.
fn stretch_contrast(light: &GreyImage) -> GreyImage {
    let counts = light.histogram();
    let threshold = otsu(&counts);
    // A high percentile of the background includes its noise, but not the soft edges of strokes.
    let background = f32::from(percentile(&restrict(&counts, 0..=threshold), 0.8));
    let ink = f32::from(percentile(
        &restrict(&counts, threshold.saturating_add(1)..=255),
        0.95,
    ));
    let gain = 255.0 / (ink - background).max(1.0);
    light.map(|p| {
        ((f32::from(p) - background) * gain)
            .clamp(0.0, 255.0)
            .round() as u8
    })
}

/// Whether a 28×28 image is framed like MNIST's: the ink fits 20×20 and its centre of mass is in the
/// middle.
fn is_normalized(light: &GreyImage) -> bool {
    let Some(ink) = bounds(light) else {
        return false;
    };
    let longer = ink.width.max(ink.height);
    let (x, y) = centre_of_mass(light);
    let middle = SIDE as f32 / 2.0;
    let black_background = percentile(&light.histogram(), 0.5) < 8;
    black_background
        && (INK_SIDE - 4..=INK_SIDE).contains(&longer)
        && (x - middle).abs() < 1.5
        && (y - middle).abs() < 1.5
}

/// Crops, scales and centres light ink on a background of 0.
pub(crate) fn fit_and_centre(ink: &GreyImage) -> Result<Pixels, BlankImage> {
    let bounds = bounds(ink).ok_or(BlankImage)?;
    let cropped = GreyImage::from_fn(bounds.width, bounds.height, |x, y| {
        ink.at(bounds.left + x, bounds.top + y)
    });
    let scale = INK_SIDE as f32 / bounds.width.max(bounds.height) as f32;
    let scaled = |side: usize| ((side as f32 * scale).round() as usize).clamp(1, INK_SIDE);
    let small = resample(&cropped, scaled(bounds.width), scaled(bounds.height));
    // Scaling down makes thin strokes fainter, but MNIST's brightest pixels are full ink.
    let brightest = small.pixels().iter().copied().max().unwrap_or(0);
    if brightest == 0 {
        return Err(BlankImage);
    }
    let gain = 255.0 / f32::from(brightest);
    let (x, y) = centre_of_mass(&small);
    let start = |centre: f32, side: usize| {
        (SIDE as f32 / 2.0 - centre)
            .round()
            .clamp(0.0, (SIDE - side) as f32) as usize
    };
    let (left, top) = (start(x, small.width()), start(y, small.height()));
    let mut pixels = [0; SIDE * SIDE];
    for (row, y) in small.rows().zip(top..) {
        for (&pixel, x) in row.iter().zip(left..) {
            pixels[y * SIDE + x] = (f32::from(pixel) * gain).round() as u8;
        }
    }
    Ok(pixels)
}

struct Bounds {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// The bounding box of all pixels that are not faint. Single stray pixels count; removing specks is
/// the task of sheet detection.
fn bounds(light: &GreyImage) -> Option<Bounds> {
    let brightest = light.pixels().iter().copied().max()?;
    if brightest < MIN_CONTRAST {
        return None;
    }
    let around = bounds_above(light, FAINT.min(brightest / 2));
    if around.width.max(around.height) < LARGE {
        return Some(around);
    }
    Some(bounds_above(
        light,
        (f32::from(brightest) * SOFT_EDGE) as u8,
    ))
}

/// The bounding box of all pixels of at least `level`, of which there must be one.
fn bounds_above(light: &GreyImage, level: u8) -> Bounds {
    let (mut left, mut right, mut top, mut bottom) = (usize::MAX, 0, usize::MAX, 0);
    for (y, row) in light.rows().enumerate() {
        for (x, &pixel) in row.iter().enumerate() {
            if pixel >= level {
                (left, right) = (left.min(x), right.max(x));
                (top, bottom) = (top.min(y), y);
            }
        }
    }
    Bounds {
        left,
        top,
        width: right + 1 - left,
        height: bottom + 1 - top,
    }
}

/// The centre of mass, in pixels from the left and the top edge.
fn centre_of_mass(light: &GreyImage) -> (f32, f32) {
    let (mut mass, mut x_sum, mut y_sum) = (0.0, 0.0, 0.0);
    for (y, row) in light.rows().enumerate() {
        for (x, &pixel) in row.iter().enumerate() {
            let weight = f64::from(pixel);
            mass += weight;
            x_sum += weight * (x as f64 + 0.5);
            y_sum += weight * (y as f64 + 0.5);
        }
    }
    ((x_sum / mass) as f32, (y_sum / mass) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stroke(background: u8, ink: u8) -> GreyImage {
        GreyImage::from_fn(120, 90, |x, y| {
            if (70..76).contains(&x) && (20..80).contains(&y) {
                ink
            } else {
                background
            }
        })
    }

    #[test]
    fn normalize_drawing_scales_a_stroke_to_twenty_pixels_and_centres_it() {
        let drawn = normalize_drawing(&stroke(0, 255)).expect("ink");
        let rows: Vec<usize> = (0..SIDE)
            .filter(|y| drawn[y * SIDE..][..SIDE].iter().any(|&p| p > 0))
            .collect();
        assert_eq!((rows.first(), rows.len()), (Some(&4), INK_SIDE));
        let columns: Vec<usize> = (0..SIDE).filter(|x| drawn[14 * SIDE + x] > 0).collect();
        assert_eq!(columns, [13, 14]);
    }

    #[test]
    fn normalize_image_ignores_polarity_and_contrast() {
        let drawn = normalize_drawing(&stroke(0, 255)).expect("ink");
        for (background, ink) in [(0, 255), (255, 0), (200, 60), (90, 160)] {
            assert_eq!(
                normalize_image(&stroke(background, ink)),
                Ok(drawn),
                "{background} {ink}"
            );
        }
    }

    #[test]
    fn normalize_rejects_images_of_one_grey_level() {
        for level in [0, 128, 255] {
            let flat = GreyImage::from_fn(40, 30, |x, _| level ^ (x as u8 & 1));
            assert_eq!(normalize_image(&flat), Err(BlankImage));
        }
        assert_eq!(
            normalize_drawing(&GreyImage::from_fn(28, 28, |_, _| 0)),
            Err(BlankImage)
        );
        assert_eq!(
            normalize_drawing(&GreyImage::from_fn(1, 1, |_, _| 0)),
            Err(BlankImage)
        );
        assert!(normalize_drawing(&GreyImage::from_fn(1, 1, |_, _| 255)).is_ok());
    }
}
