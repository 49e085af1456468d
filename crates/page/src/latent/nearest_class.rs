//! What a z probably draws: a guess.

/// The class whose digits lie nearest on average, by the distance in the latent space; none where nobody
/// knows where they lie.
///
/// `class_means` is `[classes × latent]`.
pub(crate) fn nearest_class(z: &[f32], class_means: &[Vec<f32>]) -> Option<usize> {
    let distance = |mean: &Vec<f32>| -> f32 {
        let off = mean.iter().zip(z).map(|(mean, z)| (mean - z) * (mean - z));
        off.sum()
    };
    let fitting = class_means.iter().enumerate();
    fitting
        .filter(|(_, mean)| mean.len() == z.len())
        .min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)))
        .map(|(class, _)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mean_is_the_guess() {
        let means = vec![vec![0.0, 0.0], vec![2.0, 0.0], vec![0.0, -2.0]];
        assert_eq!(nearest_class(&[0.2, -0.3], &means), Some(0));
        assert_eq!(nearest_class(&[1.5, -0.3], &means), Some(1));
        assert_eq!(nearest_class(&[-0.5, -9.0], &means), Some(2));
    }

    #[test]
    fn without_means_there_is_none() {
        assert_eq!(nearest_class(&[0.0, 0.0], &[]), None);
        assert_eq!(
            nearest_class(&[0.0, 0.0], &[vec![1.0; 16]]),
            None,
            "of another model"
        );
    }
}
