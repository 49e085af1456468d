//! Detects the digits on a photo or scan of a sheet: evens out the illumination, removes ruled lines, and
//! finds a bounding box for each digit.

mod bounding_box;
mod components;
mod grouping;
mod illumination;
mod mask;
mod ruled_lines;
mod threshold;

pub use bounding_box::BoundingBox;

use crate::{
    grey_image::GreyImage,
    image::Pixels,
    normalize::{BlankImage, fit_and_centre},
    resample::resample,
};
use components::components;
use grouping::{group, typical_height};
use mask::Mask;

/// Longer side, in pixels, to which larger sheets are scaled down. Even with hundreds of digits, each
/// keeps more than the 20 pixels of a normalized image.
pub const MAX_SHEET_SIDE: usize = 1_800;

/// A sheet and the digits that were detected on it.
///
/// The boxes are meant to be reviewed: some may be deleted, or merged with [`BoundingBox::union`],
/// before each is cropped with [`Sheet::crop`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Light ink on a dark background, without shadows, ruled lines and specks.
    corrected: GreyImage,
    boxes: Vec<BoundingBox>,
}

impl Sheet {
    /// Detects the digits on a photo, dark on light or light on dark. There may be none.
    pub fn detect(photo: &GreyImage) -> Self {
        let photo = &scale_down(photo);
        let mut ink = illumination::correct(photo);
        let empty = |ink: &GreyImage| Self {
            corrected: ink.map(|_| 0),
            boxes: Vec::new(),
        };
        let smooth = threshold::smooth(&ink);
        let Some(levels) = threshold::levels(&smooth) else {
            return empty(&ink);
        };
        let mut mask = Mask::from_level(&smooth, levels.low);
        let faint = Mask::from_level(&smooth, levels.floor);
        ruled_lines::remove(&mut mask, faint, &mut ink, levels.full);

        let mut parts = components(&mask);
        parts.retain(|part| {
            let darkest = part.pixels.iter().map(|&at| smooth.pixels()[at as usize]);
            darkest.max() >= Some(levels.high)
        });
        let height = typical_height(&parts, mask.height);
        let groups = group(parts, &mask, height);
        let mut boxes: Vec<BoundingBox> = groups.iter().map(|group| group.bounds).collect();
        bounding_box::reading_order(&mut boxes, height);

        // Keep only the digits, with the soft edges of their strokes.
        let soft = (height / 40.0).round().clamp(1.0, 3.0) as usize;
        let mut kept = vec![false; mask.set.len()];
        let pixels = groups
            .iter()
            .flat_map(|group| group.components.iter().flat_map(|part| &part.pixels));
        for &at in pixels {
            let (x, y) = (at as usize % mask.width, at as usize / mask.width);
            for y in y.saturating_sub(soft)..(y + soft + 1).min(mask.height) {
                let row = y * mask.width;
                kept[row + x.saturating_sub(soft)..row + (x + soft + 1).min(mask.width)].fill(true);
            }
        }
        let background = f32::from(levels.low) * 0.4;
        let gain = 255.0 / (f32::from(levels.full) - background).max(1.0);
        let corrected = GreyImage::from_fn(mask.width, mask.height, |x, y| {
            if kept[y * mask.width + x] {
                ((f32::from(ink.at(x, y)) - background) * gain).clamp(0.0, 255.0) as u8
            } else {
                0
            }
        });
        Self { corrected, boxes }
    }

    /// Width of the corrected image, in pixels. Boxes use its coordinates.
    pub fn width(&self) -> usize {
        self.corrected.width()
    }

    /// Height of the corrected image, in pixels.
    pub fn height(&self) -> usize {
        self.corrected.height()
    }

    /// The image to show behind the boxes, and from which digits are cropped: light ink on a dark
    /// background, at most [`MAX_SHEET_SIDE`] pixels on a side.
    pub fn corrected(&self) -> &GreyImage {
        &self.corrected
    }

    /// A box for each digit, in reading order.
    pub fn boxes(&self) -> &[BoundingBox] {
        &self.boxes
    }

    /// Crops and normalizes the digit in a box, without parts of neighbours that reach into it.
    ///
    /// # Errors
    /// [`BlankImage`] if there is no ink in the box, or it lies outside of the sheet.
    pub fn crop(&self, area: &BoundingBox) -> Result<Pixels, BlankImage> {
        let area = area
            .clipped(self.width(), self.height())
            .ok_or(BlankImage)?;
        // A margin shows which components belong mostly to a neighbour.
        let (margin_x, margin_y) = (area.width / 2 + 2, area.height / 2 + 2);
        let (left, top) = (
            area.left.saturating_sub(margin_x),
            area.top.saturating_sub(margin_y),
        );
        let context = BoundingBox {
            left,
            top,
            width: area.right() + margin_x - left,
            height: area.bottom() + margin_y - top,
        };
        let context = context
            .clipped(self.width(), self.height())
            .ok_or(BlankImage)?;
        let ink = GreyImage::from_fn(context.width, context.height, |x, y| {
            self.corrected.at(context.left + x, context.top + y)
        });
        let mask = Mask::from_level(&ink, 1);
        let mut kept = vec![false; mask.set.len()];
        for part in components(&mask) {
            let inside = part.pixels.iter().filter(|&&at| {
                let x = context.left + at as usize % context.width;
                let y = context.top + at as usize / context.width;
                (area.left..area.right()).contains(&x) && (area.top..area.bottom()).contains(&y)
            });
            if 2 * inside.count() >= part.pixels.len() {
                for &at in &part.pixels {
                    kept[at as usize] = true;
                }
            }
        }
        fit_and_centre(&GreyImage::from_fn(
            context.width,
            context.height,
            |x, y| {
                if kept[y * context.width + x] {
                    ink.at(x, y)
                } else {
                    0
                }
            },
        ))
    }
}

/// The bounding box and the number of pixels of each piece of ink with at least this level, in an image that is reduced
/// to a `step`-th, where a pixel has the most ink of those that it stands for.
pub(crate) fn component_boxes(
    ink: &GreyImage,
    level: u8,
    step: usize,
) -> Vec<(BoundingBox, usize)> {
    let mask = Mask::from_level(ink, level).pooled(step);
    let parts = components(&mask).into_iter();
    parts.map(|part| (part.bounds, part.pixels.len())).collect()
}

fn scale_down(photo: &GreyImage) -> GreyImage {
    let longer = photo.width().max(photo.height());
    if longer <= MAX_SHEET_SIDE {
        return photo.clone();
    }
    let side = |length: usize| (length * MAX_SHEET_SIDE / longer).max(1);
    resample(photo, side(photo.width()), side(photo.height()))
}
