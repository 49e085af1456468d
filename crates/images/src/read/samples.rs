//! Images that are kept for previews.

use crate::{raster::Raster, resample::resample};
use std::rc::Rc;

/// Most images that are kept; at least half of it, if there are so many.
pub(super) const MAX_SAMPLES: usize = 24;
/// Longer side of these, in pixels.
const MAX_SAMPLE_SIDE: usize = 256;

/// Images from all of a set in equal distances: the first ones are often of one class.
#[derive(Debug, Clone)]
pub(super) struct Samples {
    images: Vec<Rc<Raster>>,
    /// Number of images so far.
    seen: usize,
    /// The distance of two samples.
    stride: usize,
}

impl Samples {
    pub(super) fn new() -> Self {
        Self {
            images: Vec::new(),
            seen: 0,
            stride: 1,
        }
    }

    /// Whether the next image will be a sample.
    pub(super) fn wants_next(&self) -> bool {
        self.seen.is_multiple_of(self.stride)
    }

    /// Takes the next image into account.
    pub(super) fn observe(&mut self, image: &Raster) {
        if self.wants_next() {
            if self.images.len() == MAX_SAMPLES {
                // Twice the distance, at which this one is a sample, too.
                let mut index = 0;
                self.images.retain(|_| {
                    index += 1;
                    index % 2 == 1
                });
                self.stride *= 2;
            }
            self.images.push(Rc::new(reduced(image)));
        }
        self.seen += 1;
    }

    /// Swaps rows and columns of all samples.
    pub(super) fn transpose(&mut self) {
        for image in &mut self.images {
            *image = Rc::new(image.transposed());
        }
    }

    pub(super) fn into_images(self) -> Vec<Raster> {
        let images = self.images.into_iter();
        images.map(Rc::unwrap_or_clone).collect()
    }
}

/// An image that is scaled down if it is large.
fn reduced(image: &Raster) -> Raster {
    let longer = image.width.max(image.height);
    if longer <= MAX_SAMPLE_SIDE {
        return image.clone();
    }
    let side = |length: usize| (length * MAX_SAMPLE_SIDE / longer).max(1);
    image.map_planes(|plane| resample(plane, side(image.width), side(image.height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_in_equal_distances() {
        for count in [1, 24, 25, 100, 1_000] {
            let mut samples = Samples::new();
            for i in 0..count {
                let image = Raster::new(2, 1, 1, vec![(i / 256) as u8, (i % 256) as u8]);
                samples.observe(&image.expect("2×1"));
            }
            let numbers: Vec<usize> = samples
                .into_images()
                .iter()
                .map(|image| usize::from(image.pixels[0]) * 256 + usize::from(image.pixels[1]))
                .collect();
            let stride = numbers.get(1).copied().unwrap_or(1);
            let expected: Vec<usize> = (0..count).step_by(stride).collect();
            assert_eq!(numbers, expected);
            assert!(numbers.len() >= count.min(MAX_SAMPLES / 2), "{count}");
            assert!(numbers.len() <= MAX_SAMPLES, "{count}");
        }
    }

    #[test]
    fn samples_are_scaled_down() {
        let mut samples = Samples::new();
        let large = Raster::new(600, 300, 1, vec![7; 180_000]).expect("600×300");
        samples.observe(&large);
        let images = samples.into_images();
        assert_eq!((images[0].width, images[0].height), (256, 128));
    }
}
