//! Principal component analysis of the encoded means μ.

use crate::features::latent_map::points::Points;
use crate::latent::argsort::argsort_descending;
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// Largest latent size: the eigendecomposition runs on the main thread and must not block it.
pub(crate) const MAX_DIMENSIONS: usize = 64;
/// Approximate number of images in the estimate of the covariance.
const SAMPLE_SIZE: usize = 2_000;

/// The first two principal components, orthonormal, `[latent]` each; `None` for fewer than three images, or for
/// more than [`MAX_DIMENSIONS`].
pub(crate) fn axes(points: &Points) -> Option<[Vec<f32>; 2]> {
    let size = points.latent;
    let all = points.means_by_image();
    // Evenly spaced, since data sets are often sorted by class.
    let stride = (all.len() / SAMPLE_SIZE).max(1);
    let sample: Vec<DVector<f64>> = all
        .step_by(stride)
        .map(|mu| DVector::from_iterator(size, mu.iter().copied().map(f64::from)))
        .collect();
    if sample.len() < 3 || !(2..=MAX_DIMENSIONS).contains(&size) {
        return None;
    }
    let mean = sample.iter().sum::<DVector<f64>>() / sample.len() as f64;
    let mut covariance = DMatrix::zeros(size, size);
    for mu in &sample {
        let deviation = mu - &mean;
        covariance.ger(1.0 / sample.len() as f64, &deviation, &deviation, 1.0);
    }
    if covariance.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let eigen = SymmetricEigen::new(covariance);
    let order = argsort_descending(eigen.eigenvalues.as_slice());
    let direction = |at: usize| {
        let axis = eigen.eigenvectors.column(at);
        // The sign is arbitrary; a positive largest component makes the result deterministic.
        let sign = axis[axis.iamax()].signum();
        axis.iter()
            .map(|component| (component * sign) as f32)
            .collect()
    };
    Some([direction(order[0]), direction(order[1])])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(means: Vec<f32>, latent: usize) -> Points {
        Points {
            sigmas: vec![0.1; means.len()],
            means,
            latent,
            ..Points::default()
        }
    }

    #[test]
    fn axes_are_the_directions_of_largest_variance() {
        // An ellipsoid with semi-axes 3 along (1, 1, 0)/√2, 2 along (0, 0, 1), 0.5 along (1, −1, 0)/√2,
        // around (1, 2, 3).
        let half = std::f32::consts::FRAC_1_SQRT_2;
        let mut means = Vec::new();
        for i in 0..50 {
            for j in 0..50 {
                let (a, b) = (i as f32 / 8.0, j as f32 / 8.0);
                let [u, v, w] = [
                    3.0 * a.cos() * b.sin(),
                    2.0 * b.cos(),
                    0.5 * a.sin() * b.sin(),
                ];
                means.extend([1.0 + half * (u + w), 2.0 + half * (u - w), 3.0 + v]);
            }
        }
        let [first, second] = axes(&points(means, 3)).unwrap();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        assert!(dot(&first, &[half, half, 0.0]) > 0.99, "{first:?}");
        assert!(dot(&second, &[0.0, 0.0, 1.0]) > 0.99, "{second:?}");
        assert!((dot(&first, &first) - 1.0).abs() < 1e-5 && dot(&first, &second).abs() < 1e-5);
    }

    #[test]
    fn axes_are_none_for_degenerate_input() {
        assert_eq!(
            axes(&points(vec![1.0, 2.0, 3.0, 4.0], 2)),
            None,
            "two images"
        );
        assert_eq!(axes(&points(vec![f32::NAN; 20], 2)), None);
        assert_eq!(axes(&Points::default()), None);
    }
}
