//! The sample digits, grouped by class.

use crate::features::dataset::image_list::PIXELS;
use crate::features::dataset::samples::SampleImages;
use std::sync::Arc;

/// Labelled digits, by class.
#[derive(Debug, PartialEq)]
pub(crate) struct SamplesByClass {
    pixels: Arc<Vec<u8>>,
    by_class: [Vec<usize>; 10],
}

impl SamplesByClass {
    /// Groups the samples by their labels.
    pub(crate) fn new(SampleImages { pixels, labels }: SampleImages) -> Self {
        let mut by_class: [Vec<usize>; 10] = Default::default();
        for (index, &label) in labels.iter().enumerate() {
            if let Some(class) = by_class.get_mut(usize::from(label)) {
                class.push(index);
            }
        }
        Self { pixels, by_class }
    }

    /// Pixels of the digit of a class in a round; cycles through the class.
    pub(crate) fn nth(&self, class: usize, round: usize) -> Option<Vec<u8>> {
        let indices = &self.by_class[class];
        let index = *indices.get(round.checked_rem(indices.len())?)?;
        let pixels = self.pixels.chunks_exact(PIXELS).nth(index)?;
        Some(pixels.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_by_class_cycle_through_the_digits_of_a_class() {
        let pixels: Vec<u8> = [1_u8, 2, 3]
            .iter()
            .flat_map(|&grey| vec![grey; PIXELS])
            .collect();
        let samples = SamplesByClass::new(SampleImages {
            pixels: Arc::new(pixels),
            labels: Arc::new(vec![4, 7, 4]),
        });
        let first = |class, round| samples.nth(class, round).map(|pixels| pixels[0]);
        assert_eq!(
            [first(4, 0), first(4, 1), first(4, 2)],
            [Some(1), Some(3), Some(1)]
        );
        assert_eq!((first(7, 5), first(0, 0)), (Some(2), None));
    }
}
