//! Sample images, grouped by class.

use crate::features::dataset::samples::SampleImages;
use crate::latent::class_names::ClassNames;
use crate::state::engine_view::Image;
use protocol::ImageShape;
use std::sync::Arc;

/// Labelled images, by class.
#[derive(Debug, PartialEq)]
pub(crate) struct SamplesByClass {
    shape: ImageShape,
    pixels: Arc<Vec<u8>>,
    by_class: Vec<Vec<usize>>,
    names: ClassNames,
    /// Whether the classes are those of the images; otherwise they only number them.
    are_labels: bool,
}

impl SamplesByClass {
    /// Groups the samples by their labels, of which each has a name. `are_labels` is whether the labels say what the
    /// images show; otherwise they only number them.
    pub(crate) fn new(samples: SampleImages, names: ClassNames, are_labels: bool) -> Self {
        let mut by_class = vec![Vec::new(); names.len()];
        for (index, &label) in samples.labels.iter().enumerate() {
            if let Some(class) = by_class.get_mut(usize::from(label)) {
                class.push(index);
            }
        }
        Self {
            shape: samples.shape,
            pixels: samples.pixels,
            by_class,
            names,
            are_labels,
        }
    }

    /// The shape of the images.
    pub(crate) fn shape(&self) -> ImageShape {
        self.shape
    }

    /// The names of the classes.
    pub(crate) fn names(&self) -> &ClassNames {
        &self.names
    }

    /// The name of a class in a list: "Digit 3", "A".
    pub(crate) fn name(&self, class: usize) -> String {
        match self.names.are_digits() {
            true => format!("Digit {class}"),
            false => self.names.name(class),
        }
    }

    /// The label of the images of a class, if it is known.
    pub(crate) fn label(&self, class: usize) -> Option<String> {
        self.are_labels.then(|| self.names.name(class))
    }

    /// Number of classes.
    pub(crate) fn classes(&self) -> usize {
        self.by_class.len()
    }

    /// The values of the image of a class in a round; cycles through the class.
    pub(crate) fn nth(&self, class: usize, round: usize) -> Option<Vec<u8>> {
        let indices = self.by_class.get(class)?;
        let index = *indices.get(round.checked_rem(indices.len())?)?;
        let values = self.shape.values().max(1);
        Some(self.pixels.chunks_exact(values).nth(index)?.to_vec())
    }

    /// The image of a class in a round, chosen at this time.
    pub(crate) fn image(&self, class: usize, round: usize, at: f64) -> Option<Image> {
        let pixels = self.nth(class, round)?;
        Some(Image {
            shape: self.shape,
            pixels,
            at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits() -> ClassNames {
        ClassNames::new((0..10).map(|digit| digit.to_string()).collect())
    }

    #[test]
    fn samples_by_class_cycle_through_the_images_of_a_class() {
        let shape = ImageShape::color(8, 9);
        let pixels = [1_u8, 2, 3].map(|value| vec![value; shape.values()]);
        let samples = SamplesByClass::new(
            SampleImages {
                shape,
                pixels: Arc::new(pixels.concat()),
                labels: Arc::new(vec![4, 7, 4]),
            },
            digits(),
            true,
        );
        let first = |class, round| samples.nth(class, round).map(|pixels| pixels[0]);
        assert_eq!(
            [first(4, 0), first(4, 1), first(4, 2)],
            [Some(1), Some(3), Some(1)]
        );
        assert_eq!(
            (first(7, 5), first(0, 0), first(12, 0)),
            (Some(2), None, None)
        );
        assert_eq!(
            (samples.name(3).as_str(), samples.label(3).as_deref()),
            ("Digit 3", Some("3"))
        );
        let image = samples.image(7, 0, 5.0).unwrap();
        assert_eq!(
            (image.shape, image.pixels.len(), image.at),
            (shape, 216, 5.0)
        );
    }
}
