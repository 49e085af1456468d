//! Transparent pixels become background.

use crate::{
    histogram::percentile,
    raster::{Raster, luma},
};

/// Makes an image of red, green, blue and alpha, `[height × width × 4]`, as browsers decode images. `None` if there are
/// more or fewer bytes.
pub fn flatten_rgba(width: usize, height: usize, rgba: &[u8]) -> Option<Raster> {
    flatten(width, height, rgba, true)
}

/// As [`flatten_rgba`], in grey unless colours are wanted.
pub(crate) fn flatten(
    width: usize,
    height: usize,
    rgba: &[u8],
    wants_color: bool,
) -> Option<Raster> {
    let (pixels, rest) = rgba.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let background = background(pixels.iter().map(|&[r, g, b, a]| [luma(r, g, b), a]));
    if wants_color {
        let over = |&[r, g, b, a]: &[u8; 4]| [r, g, b].map(|v| blend(v, a, background));
        Raster::new(width, height, 3, pixels.iter().flat_map(over).collect())
    } else {
        let over = |&[r, g, b, a]: &[u8; 4]| blend(luma(r, g, b), a, background);
        Raster::new(width, height, 1, pixels.iter().map(over).collect())
    }
}

/// Estimates the level behind transparent pixels. If all pixels that are about as opaque as any have about one level,
/// they are ink and the background is the opposite extreme; otherwise the background is their median.
pub(crate) fn background(pixels: impl Iterator<Item = [u8; 2]> + Clone) -> u8 {
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
pub(crate) fn blend(value: u8, alpha: u8, background: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + u32::from(background) * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flatten_rgba_puts_ink_on_the_opposite_level() {
        let ink = [0, 0, 0, 100, 0, 0, 0, 0];
        let image = flatten_rgba(2, 1, &ink).expect("2×1");
        assert_eq!(image.pixels(), [155, 155, 155, 255, 255, 255]);
        assert!(flatten_rgba(2, 1, &ink[1..]).is_none());
        assert!(flatten_rgba(3, 1, &ink).is_none());
    }
}
