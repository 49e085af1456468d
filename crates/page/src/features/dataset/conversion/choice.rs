//! The choice of a conversion, and which one is recommended for files. Pure.

use crate::features::dataset::conversion::found::Found;
use protocol::{Conversion, ImageShape, Polarity, ReadOptions, Transposition};

/// Number of images from which small ones without labels are a set rather than a few digits.
const MIN_SET: usize = 10;

/// What the user chose, or what is recommended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The conversion.
    pub(crate) conversion: Conversion,
    /// The shape of the converted images.
    pub(crate) shape: ImageShape,
    /// Whether dark becomes light.
    pub(crate) inverts: bool,
    /// Whether rows and columns are swapped.
    pub(crate) transposes: bool,
    /// The set in an archive of several.
    pub(crate) subset: Option<String>,
}

/// A recommendation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suggestion {
    /// What is recommended.
    pub(crate) choice: Choice,
    /// Whether the user may want another one, so that the choices are shown.
    pub(crate) asks: bool,
}

impl Choice {
    /// How files are read first, when nothing is known of them: as digits, or as the images that are there already.
    pub(crate) fn first(others: Option<ImageShape>) -> Self {
        let shape = others.unwrap_or(ImageShape::MNIST);
        let conversion = if shape == ImageShape::MNIST {
            Conversion::AsDigits
        } else {
            Conversion::Fit
        };
        Self {
            conversion,
            shape,
            inverts: false,
            transposes: false,
            subset: None,
        }
    }

    /// The choice with another conversion, whose shape follows from it where it has to. `fixed` is the shape of other
    /// images, which must stay.
    #[must_use]
    pub(crate) fn with(
        &self,
        conversion: Conversion,
        found: &Found,
        fixed: Option<ImageShape>,
    ) -> Self {
        let shape = match (conversion, fixed, found.size()) {
            (_, Some(shape), _) => shape,
            (Conversion::AsDigits, ..) => ImageShape::MNIST,
            (Conversion::Unchanged, None, Some([width, height])) => ImageShape {
                height,
                width,
                ..self.shape
            },
            _ => self.shape,
        };
        // Digits are light on dark unless the user decides otherwise.
        let inverts = match conversion {
            _ if conversion == self.conversion => self.inverts,
            Conversion::AsDigits => found.is_dark_on_light && found.are_mnist_sized(),
            _ => false,
        };
        Self {
            conversion,
            shape,
            inverts,
            ..self.clone()
        }
    }

    /// Why this conversion cannot be used.
    pub(crate) fn obstacle(
        conversion: Conversion,
        found: &Found,
        fixed: Option<ImageShape>,
    ) -> Option<&'static str> {
        let size = found.size();
        match (conversion, fixed) {
            (Conversion::AsDigits, Some(shape)) if shape != ImageShape::MNIST => {
                Some("Digits have 28×28 grey pixels, and the data set has another size")
            }
            (Conversion::Unchanged, _) if size.is_none() => Some("The images have different sizes"),
            (Conversion::Unchanged, Some(shape)) if size != Some([shape.width, shape.height]) => {
                Some("The data set has another size")
            }
            (Conversion::Unchanged, None)
                if size.is_some_and(|size| size.iter().any(|&side| !is_valid_side(side))) =>
            {
                Some("A side of an image must have from 8 to 64 pixels")
            }
            _ => None,
        }
    }

    /// Whether inverting has an effect: other digits are made light on dark one by one.
    pub(crate) fn can_invert(&self, found: &Found) -> bool {
        self.conversion != Conversion::AsDigits || found.are_mnist_sized()
    }

    /// The options to read files with. `room` is the number of images that fit into the data set.
    pub(crate) fn options(&self, found: &Found, room: usize) -> ReadOptions {
        let is_found = self.conversion == Conversion::AsDigits
            && (self.inverts == found.is_dark_on_light || !self.can_invert(found));
        let polarity = match self.inverts {
            _ if is_found => Polarity::Detect,
            true => Polarity::Invert,
            false => Polarity::Keep,
        };
        let transposition = match self.transposes {
            true if found.is_transposed => Transposition::ByName,
            true => Transposition::Swap,
            false => Transposition::Keep,
        };
        ReadOptions {
            conversion: self.conversion,
            shape: self.shape,
            polarity,
            transposition,
            subset: self.subset.clone(),
            room: Some(room),
        }
    }
}

/// Whether images of a data set may have a side of this length.
pub(crate) fn is_valid_side(side: usize) -> bool {
    (ImageShape::MIN_SIDE..=ImageShape::MAX_SIDE).contains(&side)
}

/// The recommendation for files, beside other images of a shape.
pub(crate) fn suggest(found: &Found, others: Option<ImageShape>) -> Suggestion {
    let natural = natural(found);
    let Some(shape) = others else {
        return natural;
    };
    if natural.choice.shape == shape {
        return natural;
    }
    let choice = &natural.choice;
    let unchanged = choice.with(Conversion::Unchanged, found, others);
    let is_same = Choice::obstacle(Conversion::Unchanged, found, others).is_none()
        && unchanged.shape.is_color() == found.is_color();
    let choice = if is_same {
        unchanged
    } else {
        choice.with(Conversion::Fit, found, others)
    };
    Suggestion {
        choice,
        asks: !is_same,
    }
}

/// The recommendation for files alone.
fn natural(found: &Found) -> Suggestion {
    let digits = Choice {
        inverts: found.is_dark_on_light && found.are_mnist_sized(),
        transposes: found.is_transposed,
        ..Choice::first(None)
    };
    let as_digits = |asks| Suggestion {
        choice: digits.clone(),
        asks,
    };
    let with = |conversion, shape| Suggestion {
        choice: Choice {
            conversion,
            shape,
            inverts: false,
            ..digits.clone()
        },
        asks: true,
    };
    let (is_color, count) = (found.is_color(), found.count());
    let is_named = !found.class_names.is_empty();
    if found.has_sheets || count == 0 {
        return as_digits(false);
    }
    let channels = |height, width| {
        if is_color {
            ImageShape::color(height, width)
        } else {
            ImageShape::grey(height, width)
        }
    };
    match found.size() {
        Some([28, 28]) if !is_color => as_digits(false),
        Some([width, height]) if is_valid_side(width) && is_valid_side(height) => {
            // Digits and letters of other sizes are normalized.
            let is_set = count >= MIN_SET || is_named;
            if is_set && (is_color || !found.are_characters()) {
                with(Conversion::Unchanged, channels(height, width))
            } else {
                as_digits(!found.are_characters())
            }
        }
        // Words are labels of pictures rather than of characters.
        _ if is_named && !found.are_characters() => {
            let side = if is_color { 32 } else { 28 };
            with(Conversion::Fit, channels(side, side))
        }
        // Photos of digits have colours, too.
        _ => as_digits(is_color && count >= MIN_SET && !is_named),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{OwnShape, SampleImage};

    fn found(size: [usize; 2], is_color: bool, count: usize, names: &[&str]) -> Found {
        let [width, height] = size;
        let channels = if is_color { 3 } else { 1 };
        let pixels = [250, 20, 20].repeat(width * height);
        Found {
            own_shapes: vec![OwnShape {
                width,
                height,
                is_color,
                count,
            }],
            samples: vec![SampleImage {
                width,
                height,
                channels,
                pixels: pixels[..width * height * channels].to_vec(),
            }],
            class_names: names.iter().map(|&name| name.to_owned()).collect(),
            ..Found::default()
        }
    }

    /// Conversion, shape and whether the user is asked.
    fn suggested(found: &Found, others: Option<ImageShape>) -> (Conversion, ImageShape, bool) {
        let Suggestion { choice, asks } = suggest(found, others);
        (choice.conversion, choice.shape, asks)
    }

    #[test]
    fn suggest_takes_plain_digits_and_letters_without_a_question() {
        let digits = (Conversion::AsDigits, ImageShape::MNIST, false);
        assert_eq!(
            suggested(&found([28, 28], false, 60_000, &["0", "9"]), None),
            digits
        );
        assert_eq!(
            suggested(&found([28, 28], false, 50, &["A", "B"]), None),
            digits
        );
        assert_eq!(
            suggested(&found([28, 28], false, 60_000, &[]), None),
            digits
        );
        let drawings = found([280, 280], false, 60, &["0", "1"]);
        assert_eq!(suggested(&drawings, None), digits);
        let small = found([8, 8], false, 1_797, &["0", "1", "2"]);
        assert_eq!(
            suggested(&small, None),
            digits,
            "handwritten digits of 8×8 pixels"
        );
        let photos = found([3_000, 2_000], true, 5, &[]);
        assert_eq!(suggested(&photos, None), digits);
    }

    #[test]
    fn suggest_keeps_small_images_of_one_size() {
        assert_eq!(
            suggested(&found([32, 32], true, 1_500, &[]), None),
            (Conversion::Unchanged, ImageShape::color(32, 32), true)
        );
        assert_eq!(
            suggested(&found([48, 24], false, 12, &["cat", "dog"]), None),
            (Conversion::Unchanged, ImageShape::grey(24, 48), true)
        );
        let (conversion, _, asks) = suggested(&found([40, 40], true, 1, &[]), None);
        assert_eq!(
            (conversion, asks),
            (Conversion::AsDigits, true),
            "a single image"
        );
    }

    #[test]
    fn suggest_fits_pictures_of_other_sizes() {
        let mut photos = found([600, 400], true, 20, &["cat", "dog"]);
        photos.own_shapes.push(OwnShape {
            width: 300,
            height: 300,
            is_color: true,
            count: 2,
        });
        assert_eq!(
            suggested(&photos, None),
            (Conversion::Fit, ImageShape::color(32, 32), true)
        );
        let sketches = found([256, 256], false, 20, &["cat", "dog"]);
        assert_eq!(
            suggested(&sketches, None),
            (Conversion::Fit, ImageShape::MNIST, true)
        );
        let sheets = Found {
            has_sheets: true,
            ..photos
        };
        assert_eq!(suggested(&sheets, None).0, Conversion::AsDigits);
    }

    #[test]
    fn suggest_follows_the_shape_of_other_images() {
        let icons = found([32, 32], true, 100, &[]);
        let shape = ImageShape::color(32, 32);
        assert_eq!(
            suggested(&icons, Some(shape)),
            (Conversion::Unchanged, shape, true),
            "as without other images"
        );
        assert_eq!(
            suggested(&icons, Some(ImageShape::MNIST)),
            (Conversion::Fit, ImageShape::MNIST, true)
        );
        let digits = found([28, 28], false, 100, &["1"]);
        assert_eq!(
            suggested(&digits, Some(shape)),
            (Conversion::Fit, shape, true)
        );
        assert!(!suggested(&digits, Some(ImageShape::MNIST)).2);
    }

    #[test]
    fn with_another_conversion_chooses_its_shape() {
        let icons = found([32, 24], true, 100, &[]);
        let choice = suggest(&icons, None).choice;
        let digits = choice.with(Conversion::AsDigits, &icons, None);
        assert_eq!(digits.shape, ImageShape::MNIST);
        let again = digits.with(Conversion::Unchanged, &icons, None);
        assert_eq!((again.shape.width, again.shape.height), (32, 24));
        assert!(Choice::obstacle(Conversion::Unchanged, &icons, None).is_none());
        let fixed = Some(ImageShape::color(64, 64));
        assert!(Choice::obstacle(Conversion::Unchanged, &icons, fixed).is_some());
        assert!(Choice::obstacle(Conversion::AsDigits, &icons, fixed).is_some());
        let large = found([100, 100], true, 100, &[]);
        assert!(Choice::obstacle(Conversion::Unchanged, &large, None).is_some());
    }

    #[test]
    fn options_ask_for_another_polarity_only_if_it_was_chosen() {
        let scans = Found {
            is_dark_on_light: true,
            ..found([28, 28], false, 40, &["1"])
        };
        let choice = suggest(&scans, None).choice;
        assert!(choice.inverts);
        assert_eq!(choice.options(&scans, 10).polarity, Polarity::Detect);
        let keep = Choice {
            inverts: false,
            ..choice.clone()
        };
        assert_eq!(keep.options(&scans, 10).polarity, Polarity::Keep);
        let fit = choice.with(Conversion::Fit, &scans, None);
        assert_eq!(fit.options(&scans, 10).polarity, Polarity::Keep);
        let turned = Choice {
            transposes: true,
            ..fit
        };
        assert_eq!(
            turned.options(&scans, 10).transposition,
            Transposition::Swap
        );
        assert_eq!(turned.options(&scans, 10).room, Some(10));
    }
}
