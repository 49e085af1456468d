//! The classes of the encoded images: which occur, and where they lie on the map.

use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::points::Points;
use protocol::NO_LABEL;

/// The classes that occur, in order.
pub(crate) fn classes(labels: &[u8]) -> Vec<u8> {
    let mut occurs = [false; 256];
    for &label in labels {
        occurs[usize::from(label)] = true;
    }
    (0..NO_LABEL)
        .filter(|class| occurs[usize::from(*class)])
        .collect()
}

/// The centre of a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ClassCentre {
    /// The class.
    pub(crate) class: u8,
    /// The mean of μ over its encoded images, as a map position.
    pub(crate) at: [f64; 2],
    /// Number of its encoded images.
    pub(crate) count: usize,
}

/// The centre of each class that occurs, in order.
pub(crate) fn centres(points: &Points, slice: &LatentSlice) -> Vec<ClassCentre> {
    let mut sums = vec![([0.0; 2], 0_usize); 256];
    for (mu, &label) in points.means_by_image().zip(points.labels()) {
        let (sum, count) = &mut sums[usize::from(label)];
        let [x, y] = slice.coordinates(mu);
        *sum = [sum[0] + x, sum[1] + y];
        *count += 1;
    }
    let present = (0..NO_LABEL).filter_map(|class| {
        let (sum, count) = sums[usize::from(class)];
        let mean = |sum: f64| slice.scale.to_map(sum / count as f64);
        (count > 0).then(|| ClassCentre {
            class,
            at: sum.map(mean),
            count,
        })
    });
    present.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::latent_map::points::LabelledImages;
    use crate::features::latent_map::scale::Scale;
    use std::sync::Arc;

    #[test]
    fn classes_are_those_that_occur_in_order() {
        assert_eq!(classes(&[7, 2, NO_LABEL, 7, 199]), [2, 7, 199]);
        assert!(classes(&[NO_LABEL]).is_empty());
    }

    #[test]
    fn centres_are_means_of_the_encoded_images() {
        let points = Points {
            images: LabelledImages {
                // The last image is not encoded yet.
                labels: Arc::new(vec![3, 3, NO_LABEL, 5, 5]),
                ..LabelledImages::default()
            },
            means: vec![1.0, 0.0, 2.0, 2.0, 9.0, 9.0, -1.0, 0.5],
            sigmas: vec![0.1; 8],
            latent: 2,
        };
        let slice = LatentSlice::axis_aligned(2, [0, 1], Scale::Linear);
        let found = centres(&points, &slice);
        let centre = |class, at, count| ClassCentre { class, at, count };
        assert_eq!(found, [centre(3, [1.5, 1.0], 2), centre(5, [-1.0, 0.5], 1)]);
    }
}
