//! A guess at the class of a latent vector.

/// The class whose mean of μ is closest to z, by Euclidean distance; `None` without class means of z's size.
///
/// `class_means` is `[classes × latent]`.
pub(crate) fn nearest_class(z: &[f32], class_means: &[Vec<f32>]) -> Option<usize> {
    let squared_distance = |mean: &Vec<f32>| -> f32 {
        let squares = mean.iter().zip(z).map(|(mean, z)| (mean - z) * (mean - z));
        squares.sum()
    };
    class_means
        .iter()
        .enumerate()
        .filter(|(_, mean)| mean.len() == z.len())
        .min_by(|(_, a), (_, b)| squared_distance(a).total_cmp(&squared_distance(b)))
        .map(|(class, _)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_class_has_the_closest_mean() {
        let means = vec![vec![0.0, 0.0], vec![2.0, 0.0], vec![0.0, -2.0]];
        assert_eq!(nearest_class(&[0.2, -0.3], &means), Some(0));
        assert_eq!(nearest_class(&[1.5, -0.3], &means), Some(1));
        assert_eq!(nearest_class(&[-0.5, -9.0], &means), Some(2));
    }

    #[test]
    fn nearest_class_is_none_without_matching_means() {
        assert_eq!(nearest_class(&[0.0, 0.0], &[]), None);
        assert_eq!(
            nearest_class(&[0.0, 0.0], &[vec![1.0; 16]]),
            None,
            "means of another model"
        );
    }
}
