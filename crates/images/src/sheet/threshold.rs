//! How dark a pixel must be to be ink.

use crate::{
    grey::Grey,
    histogram::{only, otsu, percentile},
};

/// What is less than this isn't ink on any paper: 0.1 of the light.
const FAINTEST: u8 = 24;

/// Levels of ink, each 0 to 255.
#[derive(Debug, Clone, Copy)]
pub(super) struct Levels {
    /// What is below may be noise.
    pub(super) floor: u8,
    /// From here a pixel belongs to a stroke...
    pub(super) low: u8,
    /// ... if some pixel of the stroke is as dark as this.
    pub(super) high: u8,
    /// The middle of a stroke.
    pub(super) full: u8,
}

/// The levels for a sheet; none if there is no ink on it.
pub(super) fn levels(ink: &Grey) -> Option<Levels> {
    let counts = ink.histogram();
    // Half of a sheet is paper, and noise is cut off at 0: three quarters of all pixels are below
    // two thirds of its deviation.
    let noise = f32::from(percentile(&counts, 0.75)) / 0.67;
    let floor = ((noise * 4.0) as u8).clamp(FAINTEST, 120);
    let inked = only(&counts, floor..=255);
    let total: u32 = inked.iter().sum();
    if (total as usize) < ink.pixels().len() / 20_000 + 8 {
        return None;
    }
    // Ruled lines and soft edges on one side, the pen on the other.
    let pen = only(&inked, otsu(&inked).saturating_add(1)..=255);
    let full = if pen.iter().all(|&n| n == 0) {
        percentile(&inked, 0.7)
    } else {
        percentile(&pen, 0.7)
    };
    let share = |of: f32| (f32::from(full) * of) as u8;
    let low = share(0.33).max(floor);
    Some(Levels {
        floor,
        low,
        high: share(0.6).max(low),
        full,
    })
}

/// Each pixel the mean of the 3×3 around it: noise is thresholded less often.
pub(super) fn smooth(ink: &Grey) -> Grey {
    let (width, height) = (ink.width(), ink.height());
    // Sums of three along the rows, then along the columns; the rim has fewer neighbours and is
    // held to be paper beyond.
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
    Grey::from_fn(width, height, |x, y| {
        let near = y.saturating_sub(1)..(y + 2).min(height);
        let sum: u16 = near.map(|y| rows[y * width + x]).sum();
        (sum / 9) as u8
    })
}
