//! MNIST's way with a digit: light ink on a dark ground, the box around the ink scaled into 20×20
//! keeping its ratio, centred by mass in 28×28.

use crate::{
    digit::{Pixels, SIDE},
    grey::Grey,
    histogram::{only, otsu, percentile},
    resample::resample,
};
use thiserror::Error;

/// The longer side of the ink, in pixels of the 28.
pub const INK_SIDE: usize = 20;

/// Ground and ink must differ by so many grey levels of 255.
pub const MIN_CONTRAST: u8 = 24;

/// What is fainter than this does not stretch the box around the ink...
const FAINT: u8 = 32;
/// ... and nor does what has less of full ink than this, where the ink has [`LARGE`] pixels or more:
/// there it is the soft edge of a stroke, in small pictures it is a thin one.
const SOFT: f32 = 0.4;
/// From here on the longer side of the ink is scaled to a half or less.
const LARGE: usize = 2 * INK_SIDE;

/// There is nothing on the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the picture is empty: all of it has about one grey level; bring one with a digit on it")]
pub struct EmptyPicture;

/// A drawing, light strokes on a ground of 0, of any size, as a digit.
///
/// # Errors
/// [`EmptyPicture`] when nothing is drawn.
pub fn from_drawing(drawing: &Grey) -> Result<Pixels, EmptyPicture> {
    place(drawing)
}

/// A picture of one digit, dark on light or light on dark, as a digit. A 28×28 picture that is in
/// MNIST's frame already keeps its pixels.
///
/// # Errors
/// [`EmptyPicture`] when the picture has about one grey level.
pub fn from_picture(picture: &Grey) -> Result<Pixels, EmptyPicture> {
    let light = light_on_dark(picture)?;
    if let Ok(pixels) = Pixels::try_from(light.pixels())
        && (light.width(), light.height()) == (SIDE, SIDE)
        && is_framed(&light)
    {
        return Ok(pixels);
    }
    place(&stretch(&light))
}

/// Turns dark ink light. The ground is what the picture's rim has.
fn light_on_dark(picture: &Grey) -> Result<Grey, EmptyPicture> {
    let counts = picture.histogram();
    let contrast = percentile(&counts, 0.999) - percentile(&counts, 0.001);
    if contrast < MIN_CONTRAST {
        return Err(EmptyPicture);
    }
    let split = otsu(&counts);
    let (width, height) = (picture.width(), picture.height());
    let mut rim = [0; 256];
    for x in 0..width {
        rim[usize::from(picture.at(x, 0))] += 1;
        rim[usize::from(picture.at(x, height - 1))] += 1;
    }
    for y in 0..height {
        rim[usize::from(picture.at(0, y))] += 1;
        rim[usize::from(picture.at(width - 1, y))] += 1;
    }
    Ok(if percentile(&rim, 0.5) > split {
        picture.map(|p| 255 - p)
    } else {
        picture.clone()
    })
}

/// The ground at 0, full ink at 255. Light ink on a dark ground is asked for.
fn stretch(light: &Grey) -> Grey {
    let counts = light.histogram();
    let split = otsu(&counts);
    // Most of the ground, with its noise, but without the soft edges of the strokes.
    let ground = f32::from(percentile(&only(&counts, 0..=split), 0.8));
    let ink = f32::from(percentile(
        &only(&counts, split.saturating_add(1)..=255),
        0.95,
    ));
    let gain = 255.0 / (ink - ground).max(1.0);
    light.map(|p| ((f32::from(p) - ground) * gain).clamp(0.0, 255.0).round() as u8)
}

/// Whether a 28×28 picture lies as MNIST's do: the ink fits 20×20 and is centred by mass.
fn is_framed(light: &Grey) -> bool {
    let Some(ink) = bounds(light) else {
        return false;
    };
    let longer = ink.width.max(ink.height);
    let (x, y) = centre_of_mass(light);
    let middle = SIDE as f32 / 2.0;
    let ground_is_black = percentile(&light.histogram(), 0.5) < 8;
    ground_is_black
        && (INK_SIDE - 4..=INK_SIDE).contains(&longer)
        && (x - middle).abs() < 1.5
        && (y - middle).abs() < 1.5
}

/// Crops, scales and centres light ink on a ground of 0.
pub(crate) fn place(ink: &Grey) -> Result<Pixels, EmptyPicture> {
    let bounds = bounds(ink).ok_or(EmptyPicture)?;
    let cropped = Grey::from_fn(bounds.width, bounds.height, |x, y| {
        ink.at(bounds.left + x, bounds.top + y)
    });
    let scale = INK_SIDE as f32 / bounds.width.max(bounds.height) as f32;
    let scaled = |side: usize| ((side as f32 * scale).round() as usize).clamp(1, INK_SIDE);
    let small = resample(&cropped, scaled(bounds.width), scaled(bounds.height));
    // A thin pen fades when it is scaled down; MNIST's brightest pixels are full ink.
    let brightest = small.pixels().iter().copied().max().unwrap_or(0);
    if brightest == 0 {
        return Err(EmptyPicture);
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

/// The box around all that is not faint. Rows and columns whose only ink is a stray pixel count:
/// specks are for the finder of sheets to remove.
fn bounds(light: &Grey) -> Option<Bounds> {
    let brightest = light.pixels().iter().copied().max()?;
    if brightest < MIN_CONTRAST {
        return None;
    }
    let around = bounds_above(light, FAINT.min(brightest / 2));
    if around.width.max(around.height) < LARGE {
        return Some(around);
    }
    Some(bounds_above(light, (f32::from(brightest) * SOFT) as u8))
}

/// The box around all pixels of at least this level, of which there must be some.
fn bounds_above(light: &Grey, level: u8) -> Bounds {
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

/// In pixels from the left and the top edge.
fn centre_of_mass(light: &Grey) -> (f32, f32) {
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

    fn stroke(ground: u8, ink: u8) -> Grey {
        Grey::from_fn(120, 90, |x, y| {
            if (70..76).contains(&x) && (20..80).contains(&y) {
                ink
            } else {
                ground
            }
        })
    }

    #[test]
    fn a_stroke_becomes_twenty_high_and_centred() {
        let drawn = from_drawing(&stroke(0, 255)).expect("ink");
        let rows: Vec<usize> = (0..SIDE)
            .filter(|y| drawn[y * SIDE..][..SIDE].iter().any(|&p| p > 0))
            .collect();
        assert_eq!((rows.first(), rows.len()), (Some(&4), INK_SIDE));
        let columns: Vec<usize> = (0..SIDE).filter(|x| drawn[14 * SIDE + x] > 0).collect();
        assert_eq!(columns, [13, 14]);
    }

    #[test]
    fn polarity_and_contrast_do_not_matter() {
        let drawn = from_drawing(&stroke(0, 255)).expect("ink");
        for (ground, ink) in [(0, 255), (255, 0), (200, 60), (90, 160)] {
            assert_eq!(
                from_picture(&stroke(ground, ink)),
                Ok(drawn),
                "{ground} {ink}"
            );
        }
    }

    #[test]
    fn one_colour_is_empty() {
        for level in [0, 128, 255] {
            let flat = Grey::from_fn(40, 30, |x, _| level ^ (x as u8 & 1));
            assert_eq!(from_picture(&flat), Err(EmptyPicture));
        }
        assert_eq!(
            from_drawing(&Grey::from_fn(28, 28, |_, _| 0)),
            Err(EmptyPicture)
        );
        assert_eq!(
            from_drawing(&Grey::from_fn(1, 1, |_, _| 0)),
            Err(EmptyPicture)
        );
        assert!(from_drawing(&Grey::from_fn(1, 1, |_, _| 255)).is_ok());
    }
}
