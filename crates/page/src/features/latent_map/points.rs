//! Encoded images as points on the map.

use crate::features::latent_map::latent_slice::LatentSlice;
use crate::latent::class_names::ClassNames;
use protocol::ImageShape;
use std::sync::Arc;

/// Images with their classes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LabelledImages {
    /// The shape of an image.
    pub(crate) shape: ImageShape,
    /// The images, `[n, height, width, channels]`.
    pub(crate) pixels: Arc<Vec<u8>>,
    /// The class of each image, `[n]`, or [`NO_LABEL`](protocol::NO_LABEL).
    pub(crate) labels: Arc<Vec<u8>>,
    /// The names of the classes.
    pub(crate) class_names: ClassNames,
}

impl Default for LabelledImages {
    fn default() -> Self {
        Self {
            shape: ImageShape::MNIST,
            pixels: Arc::default(),
            labels: Arc::default(),
            class_names: ClassNames::default(),
        }
    }
}

impl LabelledImages {
    /// The images of each class together, so that batches are of one class.
    pub(crate) fn sorted_by_class(&self) -> Self {
        let mut order: Vec<usize> = (0..self.labels.len()).collect();
        order.sort_by_key(|&index| self.labels[index]);
        let values = self.shape.values();
        let of = |index: usize| &self.pixels[index * values..][..values];
        Self {
            pixels: Arc::new(order.iter().flat_map(|&index| of(index)).copied().collect()),
            labels: Arc::new(order.iter().map(|&index| self.labels[index]).collect()),
            ..self.clone()
        }
    }
}

/// Images and their q(z|x), as far as they are encoded.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Points {
    /// The images.
    pub(crate) images: LabelledImages,
    /// μ, `[m × latent]`, of the first m images, which are encoded.
    pub(crate) means: Vec<f32>,
    /// σ, `[m × latent]`.
    pub(crate) sigmas: Vec<f32>,
    /// Number of latent dimensions.
    pub(crate) latent: usize,
}

impl Points {
    /// μ of each encoded image, `[latent]`.
    pub(crate) fn means_by_image(&self) -> std::slice::ChunksExact<'_, f32> {
        self.means.chunks_exact(self.latent.max(1))
    }

    /// Whether all images are encoded.
    pub(crate) fn is_complete(&self) -> bool {
        self.means_by_image().len() == self.len()
    }

    /// Number of images, encoded or not.
    pub(crate) fn len(&self) -> usize {
        self.images.labels.len()
    }

    /// The class of each image.
    pub(crate) fn labels(&self) -> &[u8] {
        &self.images.labels
    }

    /// The values of one image.
    pub(crate) fn image(&self, index: usize) -> Option<&[u8]> {
        let values = self.images.shape.values().max(1);
        self.images.pixels.chunks_exact(values).nth(index)
    }

    /// σ of each encoded image, `[latent]`.
    pub(crate) fn sigmas_by_image(&self) -> std::slice::ChunksExact<'_, f32> {
        self.sigmas.chunks_exact(self.latent.max(1))
    }

    /// Stores μ and σ, `[k × latent]`, of k images from `first` on: replaces previous values or appends. Ignored if
    /// it would leave a gap.
    pub(crate) fn insert(&mut self, first: usize, [means, sigmas]: [&[f32]; 2]) {
        let start = first * self.latent;
        if start > self.means.len() || means.len() != sigmas.len() {
            return;
        }
        for (all, new) in [(&mut self.means, means), (&mut self.sigmas, sigmas)] {
            let end = all.len().min(start + new.len());
            all.splice(start..end, new.iter().copied());
        }
    }

    /// Discards μ and σ, for another model with this latent size.
    pub(crate) fn clear_encodings(&mut self, latent: usize) {
        self.means.clear();
        self.sigmas.clear();
        self.latent = latent;
    }

    /// Index of the point nearest to a map position, within a radius; of the `isolated` class, if there is one.
    pub(crate) fn nearest(
        &self,
        slice: &LatentSlice,
        [x, y]: [f64; 2],
        radius: f64,
        isolated: Option<u8>,
    ) -> Option<usize> {
        let squared_distance = |mu: &[f32]| {
            let [across, up] = slice.to_map(mu);
            (across - x).powi(2) + (up - y).powi(2)
        };
        let candidates = self.means_by_image().map(squared_distance).enumerate();
        candidates
            .filter(|(_, squared)| *squared <= radius * radius)
            .filter(|(index, _)| {
                isolated.is_none_or(|class| self.labels().get(*index) == Some(&class))
            })
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
            .map(|(index, _)| index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::latent_map::scale::Scale;

    fn points() -> Points {
        Points {
            images: LabelledImages {
                labels: Arc::new(vec![0, 7, 255]),
                ..LabelledImages::default()
            },
            means: vec![0.0, 0.0, 2.9, 2.9, -20.0, 0.0],
            sigmas: vec![0.1; 6],
            latent: 2,
        }
    }

    fn slice() -> LatentSlice {
        LatentSlice::axis_aligned(2, [0, 1], Scale::Linear)
    }

    #[test]
    fn sorted_by_class_moves_images_with_their_labels() {
        let images = LabelledImages {
            shape: ImageShape::grey(1, 2),
            pixels: Arc::new(vec![1, 2, 3, 4, 5, 6]),
            labels: Arc::new(vec![9, 0, 9]),
            ..LabelledImages::default()
        };
        let sorted = images.sorted_by_class();
        assert_eq!(*sorted.labels, [0, 9, 9]);
        assert_eq!(*sorted.pixels, [3, 4, 1, 2, 5, 6]);
    }

    #[test]
    fn insert_appends_or_replaces() {
        let mut points = points();
        points.clear_encodings(2);
        points.insert(0, [&[1.0, 2.0, 3.0, 4.0], &[0.1; 4]]);
        assert!(!points.is_complete());
        points.insert(2, [&[5.0, 6.0], &[0.2; 2]]);
        assert!(points.is_complete());
        points.insert(1, [&[7.0, 8.0], &[0.3; 2]]);
        assert_eq!(points.means, [1.0, 2.0, 7.0, 8.0, 5.0, 6.0]);
        assert_eq!(points.sigmas, [0.1, 0.1, 0.3, 0.3, 0.2, 0.2]);
        points.insert(9, [&[0.0, 0.0], &[0.1; 2]]);
        assert_eq!(points.means.len(), 6, "a gap is rejected");
    }

    #[test]
    fn nearest_respects_the_radius() {
        assert_eq!(points().nearest(&slice(), [2.8, 2.9], 0.2, None), Some(1));
        assert_eq!(points().nearest(&slice(), [1.0, 1.0], 0.2, None), None);
        assert_eq!(
            Points::default().nearest(&slice(), [0.0; 2], 1.0, None),
            None
        );
        assert_eq!(points().nearest(&slice(), [2.8, 2.9], 0.2, Some(0)), None);
        assert_eq!(
            points().nearest(&slice(), [2.8, 2.9], 0.2, Some(7)),
            Some(1)
        );
    }
}
