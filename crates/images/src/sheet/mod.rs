//! A photographed or scanned sheet of many digits: even light, no ruled lines, a box for each digit.

mod boxes;
mod components;
mod grouping;
mod light;
mod lines;
mod mask;
mod threshold;

pub use boxes::BoxPx;

use crate::{
    digit::Pixels,
    grey::Grey,
    normalise::{EmptyPicture, place},
    resample::resample,
};
use components::components;
use grouping::{group, typical_height};
use mask::Mask;

/// Sheets are scaled down to at most so many pixels on the longer side: hundreds of digits keep
/// more than the twenty pixels that they end with.
pub const MAX_SHEET_SIDE: usize = 1_800;

/// A sheet and the digits found on it.
///
/// The page shows it; people delete boxes, or merge some with [`BoxPx::union`]; then each is
/// [`cut`](Sheet::cut).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Light ink on a dark ground, without shadows, ruled lines and specks.
    corrected: Grey,
    boxes: Vec<BoxPx>,
}

impl Sheet {
    /// Finds the digits on a photo, dark on light or light on dark. There may be none.
    pub fn find(photo: &Grey) -> Self {
        let photo = &scaled(photo);
        let mut ink = light::correct(photo);
        let empty = |ink: &Grey| Self {
            corrected: ink.map(|_| 0),
            boxes: Vec::new(),
        };
        let smooth = threshold::smooth(&ink);
        let Some(levels) = threshold::levels(&smooth) else {
            return empty(&ink);
        };
        let mut mask = Mask::from_level(&smooth, levels.low);
        let faint = Mask::from_level(&smooth, levels.floor);
        lines::remove(&mut mask, faint, &mut ink, levels.full);

        let mut pieces = components(&mask);
        pieces.retain(|piece| {
            let darkest = piece.pixels.iter().map(|&at| smooth.pixels()[at as usize]);
            darkest.max() >= Some(levels.high)
        });
        let height = typical_height(&pieces, mask.height);
        let groups = group(pieces, &mask, height);
        let mut boxes: Vec<BoxPx> = groups.iter().map(|group| group.bounds).collect();
        boxes::reading_order(&mut boxes, height);

        // Only what is of a digit stays, with the soft edge of its strokes.
        let soft = (height / 40.0).round().clamp(1.0, 3.0) as usize;
        let mut kept = vec![false; mask.set.len()];
        let pixels = groups
            .iter()
            .flat_map(|group| group.pieces.iter().flat_map(|piece| &piece.pixels));
        for &at in pixels {
            let (x, y) = (at as usize % mask.width, at as usize / mask.width);
            for y in y.saturating_sub(soft)..(y + soft + 1).min(mask.height) {
                let row = y * mask.width;
                kept[row + x.saturating_sub(soft)..row + (x + soft + 1).min(mask.width)].fill(true);
            }
        }
        let ground = f32::from(levels.low) * 0.4;
        let gain = 255.0 / (f32::from(levels.full) - ground).max(1.0);
        let corrected = Grey::from_fn(mask.width, mask.height, |x, y| {
            if kept[y * mask.width + x] {
                ((f32::from(ink.at(x, y)) - ground) * gain).clamp(0.0, 255.0) as u8
            } else {
                0
            }
        });
        Self { corrected, boxes }
    }

    /// Columns of the corrected picture; boxes are in its pixels.
    pub fn width(&self) -> usize {
        self.corrected.width()
    }

    /// Rows of the corrected picture.
    pub fn height(&self) -> usize {
        self.corrected.height()
    }

    /// What to show behind the boxes: light ink on a dark ground, as it will be cut. At most
    /// [`MAX_SHEET_SIDE`] on a side.
    pub fn corrected(&self) -> &Grey {
        &self.corrected
    }

    /// A box for each digit, in the order in which people read.
    pub fn boxes(&self) -> &[BoxPx] {
        &self.boxes
    }

    /// The digit in a box. What reaches into the box from a neighbour is left out.
    ///
    /// # Errors
    /// [`EmptyPicture`] when there is no ink in the box, or it lies outside of the sheet.
    pub fn cut(&self, area: &BoxPx) -> Result<Pixels, EmptyPicture> {
        let area = area
            .clipped(self.width(), self.height())
            .ok_or(EmptyPicture)?;
        // With enough around it to see which ink is a neighbour's.
        let (beside, above) = (area.width / 2 + 2, area.height / 2 + 2);
        let (left, top) = (
            area.left.saturating_sub(beside),
            area.top.saturating_sub(above),
        );
        let around = BoxPx {
            left,
            top,
            width: area.right() + beside - left,
            height: area.bottom() + above - top,
        };
        let around = around
            .clipped(self.width(), self.height())
            .ok_or(EmptyPicture)?;
        let ink = Grey::from_fn(around.width, around.height, |x, y| {
            self.corrected.at(around.left + x, around.top + y)
        });
        let mask = Mask::from_level(&ink, 1);
        let mut kept = vec![false; mask.set.len()];
        for piece in components(&mask) {
            let inside = piece.pixels.iter().filter(|&&at| {
                let x = around.left + at as usize % around.width;
                let y = around.top + at as usize / around.width;
                (area.left..area.right()).contains(&x) && (area.top..area.bottom()).contains(&y)
            });
            if 2 * inside.count() >= piece.pixels.len() {
                for &at in &piece.pixels {
                    kept[at as usize] = true;
                }
            }
        }
        place(&Grey::from_fn(around.width, around.height, |x, y| {
            if kept[y * around.width + x] {
                ink.at(x, y)
            } else {
                0
            }
        }))
    }
}

fn scaled(photo: &Grey) -> Grey {
    let longer = photo.width().max(photo.height());
    if longer <= MAX_SHEET_SIDE {
        return photo.clone();
    }
    let side = |length: usize| (length * MAX_SHEET_SIDE / longer).max(1);
    resample(photo, side(photo.width()), side(photo.height()))
}
