//! What files have, before their images are converted.

use protocol::{Conversion, OwnShape, ReadImages, SampleImage};

/// Difference between a pixel's channels from which it has a colour: JPEGs of grey images have small ones.
const MIN_SATURATION: u8 = 24;

/// What files have.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Found {
    /// The sizes of the images, the most frequent first.
    pub(crate) own_shapes: Vec<OwnShape>,
    /// Some images, with rows and columns swapped where they were.
    pub(crate) samples: Vec<SampleImage>,
    /// The names of the classes.
    pub(crate) class_names: Vec<String>,
    /// Whether most images are dark on light.
    pub(crate) is_dark_on_light: bool,
    /// Whether rows and columns were swapped.
    pub(crate) is_transposed: bool,
    /// Whether there are sheets of several digits.
    pub(crate) has_sheets: bool,
    /// The sets in an archive of several.
    pub(crate) subsets: Vec<String>,
}

impl Found {
    /// Takes this from what was read. The samples move.
    pub(crate) fn take(images: &mut ReadImages) -> Self {
        Self {
            own_shapes: images.own_shapes.clone(),
            samples: std::mem::take(&mut images.samples),
            class_names: images.class_names.clone(),
            is_dark_on_light: images.is_dark_on_light,
            is_transposed: images.is_transposed,
            has_sheets: !images.sheets.is_empty(),
            subsets: images.subsets.clone(),
        }
    }

    /// Number of images.
    pub(crate) fn count(&self) -> usize {
        self.own_shapes.iter().map(|own| own.count).sum()
    }

    /// Width and height, if all images have the same.
    pub(crate) fn size(&self) -> Option<[usize; 2]> {
        let first = self.own_shapes.first()?;
        let size = [first.width, first.height];
        let is_same = |own: &OwnShape| [own.width, own.height] == size;
        self.own_shapes.iter().all(is_same).then_some(size)
    }

    /// Whether at least every tenth sample has colours that can be seen. Of images of many sizes, only samples are decoded
    /// in colour.
    pub(crate) fn is_color(&self) -> bool {
        let seen = self.samples.iter().filter(|sample| has_color(sample));
        10 * seen.count() >= self.samples.len().max(1)
    }

    /// Whether the labels are single characters: digits or letters.
    pub(crate) fn are_characters(&self) -> bool {
        let mut names = self.class_names.iter();
        !self.class_names.is_empty() && names.all(|name| name.chars().count() == 1)
    }

    /// Whether the pixels of digits stay as they are: images of MNIST's size are not normalized again.
    pub(crate) fn are_mnist_sized(&self) -> bool {
        self.size() == Some([28, 28]) && self.samples.iter().all(|sample| sample.channels == 1)
    }

    /// The images' sizes in words: `32×32 colour`, `from 20×24 to 600×800`.
    pub(crate) fn size_text(&self) -> String {
        let kind = if self.is_color() { "colour" } else { "grey" };
        if let Some([width, height]) = self.size() {
            return format!("{width}×{height} {kind}");
        }
        let area = |own: &&OwnShape| own.width * own.height;
        let smallest = self.own_shapes.iter().min_by_key(area);
        let largest = self.own_shapes.iter().max_by_key(area);
        match (smallest, largest) {
            (Some(small), Some(large)) => format!(
                "from {}×{} to {}×{} {kind}",
                small.width, small.height, large.width, large.height
            ),
            _ => String::new(),
        }
    }
}

/// The name of a conversion on the page.
pub(crate) fn title(conversion: Conversion) -> &'static str {
    match conversion {
        Conversion::AsDigits => "As digits",
        Conversion::Fit => "Fit",
        Conversion::Fill => "Fill",
        Conversion::Unchanged => "Unchanged",
    }
}

fn has_color(sample: &SampleImage) -> bool {
    let range = |pixel: &[u8]| {
        let largest = pixel.iter().max().copied().unwrap_or(0);
        largest - pixel.iter().min().copied().unwrap_or(0)
    };
    sample.channels == 3
        && sample
            .pixels
            .chunks_exact(3)
            .any(|pixel| range(pixel) >= MIN_SATURATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(width: usize, height: usize, is_color: bool, count: usize) -> OwnShape {
        OwnShape {
            width,
            height,
            is_color,
            count,
        }
    }

    fn sample(pixels: &[u8]) -> SampleImage {
        SampleImage {
            width: pixels.len() / 3,
            height: 1,
            channels: 3,
            pixels: pixels.to_vec(),
        }
    }

    #[test]
    fn found_size_is_that_of_all_images() {
        let mut found = Found {
            own_shapes: vec![own(32, 24, true, 5), own(32, 24, false, 1)],
            samples: vec![sample(&[200, 10, 10])],
            ..Found::default()
        };
        assert_eq!(found.size(), Some([32, 24]));
        assert_eq!(found.size_text(), "32×24 colour");
        found.own_shapes.push(own(600, 400, true, 1));
        assert_eq!(found.size(), None);
        assert_eq!(found.size_text(), "from 32×24 to 600×400 colour");
        assert_eq!(found.count(), 7);
    }

    #[test]
    fn found_is_color_needs_colours_that_can_be_seen() {
        let found = |pixels: &[u8]| Found {
            samples: vec![sample(pixels)],
            ..Found::default()
        };
        assert!(found(&[200, 10, 10]).is_color());
        assert!(!found(&[100, 104, 99]).is_color(), "the noise of a JPEG");
        assert!(!Found::default().is_color());
    }
}
