//! Transparent pixels become background.

use crate::{
    histogram::percentile,
    raster::{Raster, luma},
};

/// Of a sprite, the transparent pixels are more than one for this many opaque ones.
const MIN_SPRITE_SHARE: u32 = 6;
/// The median level from which a grey sprite is light.
const LIGHT: u8 = 176;
/// The difference of the channels of a pixel from which it has a colour. The paper of scans has less.
const MIN_COLOR: u8 = 48;

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
    let has_color = has_color(pixels);
    let levels = pixels.iter().map(|&[r, g, b, a]| [luma(r, g, b), a]);
    let background = match background(levels, has_color) {
        // Of a set of sprites in colour, some have light and others dark colours; all of them are on white.
        0 if has_color && wants_color => 255,
        level => level,
    };
    if wants_color {
        let over = |&[r, g, b, a]: &[u8; 4]| [r, g, b].map(|v| blend(v, a, background));
        Raster::new(width, height, 3, pixels.iter().flat_map(over).collect())
    } else {
        let over = |&[r, g, b, a]: &[u8; 4]| blend(luma(r, g, b), a, background);
        Raster::new(width, height, 1, pixels.iter().map(over).collect())
    }
}

/// Estimates the level behind transparent pixels.
///
/// If all pixels that are about as opaque as any have about one level, they are ink and the background is the opposite
/// extreme. If few pixels are transparent, such as the corners of a scan, they get the median of the others. Otherwise the
/// image is a sprite: it is put on white, as all of its set should be, or on black if it is light and grey.
pub(crate) fn background(pixels: impl Iterator<Item = [u8; 2]> + Clone, has_color: bool) -> u8 {
    let most_opaque = pixels.clone().map(|[_, alpha]| alpha).max().unwrap_or(0);
    let mut opaque = [0_u32; 256];
    let mut transparent = 0_u32;
    for [value, alpha] in pixels {
        if 2 * u32::from(alpha) > u32::from(most_opaque) {
            opaque[usize::from(value)] += 1;
        } else {
            transparent += 1;
        }
    }
    let (dark, light) = (percentile(&opaque, 0.02), percentile(&opaque, 0.98));
    let middle = percentile(&opaque, 0.5);
    let is_ink = light.saturating_sub(dark) < 64;
    let is_sprite = transparent * MIN_SPRITE_SHARE > opaque.iter().sum::<u32>();
    match (is_ink, is_sprite) {
        (true, _) if middle < 128 => 255,
        (true, _) => 0,
        (false, false) => middle,
        (false, true) if middle >= LIGHT && !has_color => 0,
        (false, true) => 255,
    }
}

/// Whether opaque pixels have colours.
fn has_color(pixels: &[[u8; 4]]) -> bool {
    let is_colored =
        |&&[r, g, b, a]: &&[u8; 4]| a >= 128 && r.max(g).max(b) - r.min(g).min(b) >= MIN_COLOR;
    50 * pixels.iter().filter(is_colored).count() > pixels.len()
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

    #[test]
    fn flatten_rgba_puts_sprites_on_white_and_fills_corners() {
        let corner = |color: &[[u8; 4]]| {
            let image = flatten_rgba(color.len(), 1, color.as_flattened()).expect("a row");
            image.pixels()[..3].to_vec()
        };
        let clear = [0, 0, 0, 0];
        // A light sprite in colour, and a darker one.
        let light = [[255, 230, 120, 255], [200, 40, 40, 255]];
        let dark = [[60, 20, 20, 255], [120, 10, 200, 255]];
        assert_eq!(corner(&[clear, light[0], light[1]]), [255; 3]);
        assert_eq!(corner(&[clear, dark[0], dark[1]]), [255; 3]);
        // One light colour; in grey its background is the opposite level.
        let yellow = [clear, [255, 230, 0, 255], [250, 225, 0, 255]];
        assert_eq!(corner(&yellow), [255; 3]);
        let grey = flatten(3, 1, yellow.as_flattened(), false).expect("a row");
        assert_eq!(grey.pixels()[0], 0);
        // Chalk: light and grey.
        let chalk = [[250, 250, 250, 255], [180, 180, 180, 255]];
        assert_eq!(corner(&[clear, chalk[0], chalk[0], chalk[1]]), [0; 3]);
        // One transparent pixel of a scan.
        let mut scan = vec![[240, 240, 240, 255]; 20];
        scan[3] = [30, 30, 30, 255];
        scan[0] = clear;
        assert_eq!(corner(&scan), [240; 3]);
    }
}
