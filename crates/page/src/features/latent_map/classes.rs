//! The classes of the encoded images: their names, and where they lie on the map.

use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::points::Points;
use protocol::NO_LABEL;

/// The text of a class in legends and on the map.
pub(crate) fn class_name(class: u8) -> String {
    class.to_string()
}

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

/// The mean of μ over the encoded images of each class that occurs, as a map position.
pub(crate) fn centres(points: &Points, slice: &LatentSlice) -> Vec<(u8, [f64; 2])> {
    let mut sums = vec![([0.0; 2], 0_usize); 256];
    for (mu, &label) in points.means_by_image().zip(points.labels.iter()) {
        let (sum, count) = &mut sums[usize::from(label)];
        let [x, y] = slice.coordinates(mu);
        *sum = [sum[0] + x, sum[1] + y];
        *count += 1;
    }
    let present = (0..NO_LABEL).filter_map(|class| {
        let (sum, count) = sums[usize::from(class)];
        let mean = |sum: f64| slice.scale.to_map(sum / count as f64);
        (count > 0).then(|| (class, sum.map(mean)))
    });
    present.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
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
            images: Arc::default(),
            // The last image is not encoded yet.
            labels: Arc::new(vec![3, 3, NO_LABEL, 5, 5]),
            means: vec![1.0, 0.0, 2.0, 2.0, 9.0, 9.0, -1.0, 0.5],
            sigmas: vec![0.1; 8],
            latent: 2,
        };
        let slice = LatentSlice::axis_aligned(2, [0, 1], Scale::Linear);
        let found = centres(&points, &slice);
        assert_eq!(found, [(3, [1.5, 1.0]), (5, [-1.0, 0.5])]);
    }
}
