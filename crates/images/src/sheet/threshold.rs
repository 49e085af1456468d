//! Thresholds that separate ink from paper.

use crate::{
    grey_image::GreyImage,
    histogram::{otsu, percentile, restrict},
};

/// Minimum level of ink on any paper: a tenth of the light is missing.
const MIN_INK: u8 = 24;

/// Levels of ink, each 0 to 255, for thresholding with hysteresis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Levels {
    /// Pixels below this may be noise.
    pub(super) floor: u8,
    /// Pixels from this level on belong to a stroke...
    pub(super) low: u8,
    /// ... if some pixel of the stroke reaches this level.
    pub(super) high: u8,
    /// Typical level in the middle of a stroke.
    pub(super) full: u8,
}

/// The levels for a sheet; `None` if there is no ink.
pub(super) fn levels(ink: &GreyImage) -> Option<Levels> {
    let counts = ink.histogram();
    // Most of a sheet is paper, where negative noise is clamped to 0. So the 75th percentile of all
    // pixels is about 0.67 standard deviations of the noise.
    let noise = f32::from(percentile(&counts, 0.75)) / 0.67;
    let floor = ((noise * 4.0) as u8).clamp(MIN_INK, 120);
    let inked = restrict(&counts, floor..=255);
    let total: u32 = inked.iter().sum();
    if (total as usize) < ink.pixels().len() / 20_000 + 8 {
        return None;
    }
    // Otsu's threshold separates ruled lines and soft edges from the pen.
    let pen = restrict(&inked, otsu(&inked).saturating_add(1)..=255);
    let full = if pen.iter().all(|&n| n == 0) {
        percentile(&inked, 0.7)
    } else {
        percentile(&pen, 0.7)
    };
    let fraction = |of_full: f32| (f32::from(full) * of_full) as u8;
    let low = fraction(0.33).max(floor);
    Some(Levels {
        floor,
        low,
        high: fraction(0.6).max(low),
        full,
    })
}

/// A 3×3 mean filter, which reduces noise before thresholding.
pub(super) fn smooth(ink: &GreyImage) -> GreyImage {
    let (width, height) = (ink.width(), ink.height());
    // Separable sums, along rows and then along columns. Pixels outside of the image count as 0 (paper).
    let rows: Vec<u16> = ink
        .rows()
        .flat_map(|row| {
            (0..width).map(|x| {
                row[x.saturating_sub(1)..(x + 2).min(width)]
                    .iter()
                    .map(|&p| u16::from(p))
                    .sum()
            })
        })
        .collect();
    GreyImage::from_fn(width, height, |x, y| {
        let near = y.saturating_sub(1)..(y + 2).min(height);
        let sum: u16 = near.map(|y| rows[y * width + x]).sum();
        (sum / 9) as u8
    })
}
