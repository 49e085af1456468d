//! Decides whether an image shows one thing or several digits on a sheet.

use crate::{
    conversion::border_median,
    grey_image::GreyImage,
    image::Pixels,
    normalize::{BlankImage, MIN_CONTRAST, normalize_image},
    sheet::{Sheet, component_boxes},
};

/// Longer side, in pixels, from which an image is searched for several digits.
pub const MIN_SHEET_SIDE: usize = 100;

/// Longer side, in pixels, up to which an image with an even background may be one drawing: canvases have 256 to 512.
pub const MAX_DRAWING_SIDE: usize = 520;

/// What an image shows.
pub(crate) enum Subject {
    /// One digit, normalized.
    SingleDigit(Box<Pixels>),
    /// Several digits, to be reviewed.
    Sheet(Sheet),
}

/// What is known about an image before it is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Context {
    /// It belongs to a class, so it shows one thing even if it is in several pieces.
    pub(crate) is_labelled: bool,
    /// It is one of many images that were brought together.
    pub(crate) is_in_collection: bool,
}

/// Why an image is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    Blank(BlankImage),
    NoDigits,
}

impl From<BlankImage> for Unusable {
    fn from(blank: BlankImage) -> Self {
        Self::Blank(blank)
    }
}

/// Decides whether an image shows one digit or several.
pub(crate) fn classify(grey: &GreyImage, context: Context) -> Result<Subject, Unusable> {
    let single = |pixels| Ok(Subject::SingleDigit(Box::new(pixels)));
    if grey.width().max(grey.height()) < MIN_SHEET_SIDE || is_drawing(grey, context) {
        return single(normalize_image(grey)?);
    }
    // Images of one level get a specific message. Blank photos have noise and pass this check; sheet detection then
    // finds no digit.
    let normalized = normalize_image(grey)?;
    let sheet = Sheet::detect(grey);
    match sheet.boxes() {
        [] if context.is_in_collection && is_small(grey) => single(normalized),
        [] => Err(Unusable::NoDigits),
        [only] => single(sheet.crop(only)?),
        [first, rest @ ..] if context.is_labelled => {
            let whole = rest.iter().fold(*first, |whole, part| whole.union(part));
            single(sheet.crop(&whole)?)
        }
        _ => Ok(Subject::Sheet(sheet)),
    }
}

/// Whether an image is not larger than a drawing.
fn is_small(grey: &GreyImage) -> bool {
    grey.width().max(grey.height()) <= MAX_DRAWING_SIDE
}

/// Whether an image is a drawing of one thing: not large, with an even background, and with few pieces of ink.
fn is_drawing(grey: &GreyImage, context: Context) -> bool {
    /// Maximum difference of the background from its median.
    const EVEN: u8 = 10;
    /// Maximum number of pieces: letters such as Ä have three.
    const MAX_PIECES: usize = 3;
    if !is_small(grey) {
        return false;
    }
    let (width, height) = (grey.width(), grey.height());
    let background = border_median(grey);
    let is_even = {
        let near = |pixel: u8| pixel.abs_diff(background) <= EVEN;
        let (mut even, mut all) = (0, 0);
        let mut count = |pixel| {
            even += usize::from(near(pixel));
            all += 1;
        };
        (0..width).for_each(|x| {
            count(grey.at(x, 0));
            count(grey.at(x, height - 1));
        });
        (0..height).for_each(|y| {
            count(grey.at(0, y));
            count(grey.at(width - 1, y));
        });
        20 * even >= 19 * all
    };
    if !is_even {
        return false;
    }
    if context.is_labelled || context.is_in_collection {
        return true;
    }
    let deviation = |pixel: u8| pixel.abs_diff(background);
    let largest = grey.pixels().iter().map(|&p| deviation(p)).max();
    let level = (largest.unwrap_or(0) / 3).max(MIN_CONTRAST / 2);
    let pieces = component_boxes(&grey.map(deviation), level, width.max(height) / 128 + 1);
    let ink: usize = pieces.iter().map(|(_, area)| area).sum();
    let large: Vec<_> = pieces
        .iter()
        .filter(|(_, area)| 25 * area >= ink)
        .map(|(bounds, _)| bounds)
        .collect();
    // Digits in a row make a wide image.
    let is_row = 2 * width > 3 * height && large.len() > 1;
    large.len() <= MAX_PIECES && !is_row
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bars of ink on paper, each (left, top, width, height).
    fn drawing(width: usize, height: usize, bars: &[[usize; 4]]) -> GreyImage {
        GreyImage::from_fn(width, height, |x, y| {
            let inside = bars.iter().any(|&[left, top, width, height]| {
                (left..left + width).contains(&x) && (top..top + height).contains(&y)
            });
            if inside { 10 } else { 250 }
        })
    }

    fn is_one(image: &GreyImage, context: Context) -> bool {
        matches!(classify(image, context), Ok(Subject::SingleDigit(_)))
    }

    #[test]
    fn classify_takes_a_canvas_for_one_drawing() {
        let alone = Context::default();
        let one = drawing(280, 280, &[[120, 40, 30, 200]]);
        assert!(is_one(&one, alone));
        // A 5 whose bar does not touch the rest.
        let two_pieces = drawing(280, 280, &[[80, 40, 120, 20], [80, 80, 30, 160]]);
        assert!(is_one(&two_pieces, alone));
    }

    #[test]
    fn classify_finds_a_row_of_digits() {
        let row: Vec<[usize; 4]> = (0..6).map(|i| [20 + 45 * i, 30, 12, 60]).collect();
        let image = drawing(300, 120, &row);
        assert!(!is_one(&image, Context::default()));
        let labelled = Context {
            is_labelled: true,
            ..Context::default()
        };
        assert!(is_one(&image, labelled));
    }

    #[test]
    fn classify_rejects_blank_images() {
        let blank = classify(&drawing(280, 280, &[]), Context::default());
        assert!(matches!(blank, Err(Unusable::Blank(_))));
    }
}
