//! The directions along which encoded digits lie farthest apart: principal component analysis of their μ.

use crate::features::latent_map::points::Points;
use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// The most dimensions: beyond, the page would stand still.
pub(crate) const MAX_DIMENSIONS: usize = 64;
/// So many digits tell the directions.
const ENOUGH: usize = 2_000;

/// The two directions of the largest variance, of length 1 and at right angles; none for fewer than three
/// digits, or for too many dimensions.
pub(crate) fn axes(points: &Points) -> Option<[Vec<f32>; 2]> {
    let size = points.latent;
    let all = points.means_by_image();
    let stride = (all.len() / ENOUGH).max(1);
    // Each so-manieth, since digits often come sorted.
    let some: Vec<DVector<f64>> = all
        .step_by(stride)
        .map(|mu| DVector::from_iterator(size, mu.iter().copied().map(f64::from)))
        .collect();
    if some.len() < 3 || !(2..=MAX_DIMENSIONS).contains(&size) {
        return None;
    }
    let mean = some.iter().sum::<DVector<f64>>() / some.len() as f64;
    let mut covariance = DMatrix::zeros(size, size);
    for mu in &some {
        let off = mu - &mean;
        covariance.ger(1.0 / some.len() as f64, &off, &off, 1.0);
    }
    if covariance.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let eigen = SymmetricEigen::new(covariance);
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let direction = |at: usize| {
        let axis = eigen.eigenvectors.column(at);
        // Either way round is right: the largest part points up, so that it is always the same one.
        let sign = axis[axis.iamax()].signum();
        axis.iter().map(|part| (part * sign) as f32).collect()
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
    fn the_widest_directions_are_found() {
        // An ellipsoid with half axes 3 along (1, 1, 0)/√2, 2 along (0, 0, 1), 0.5 along (1, −1, 0)/√2,
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
    fn what_has_no_directions_has_none() {
        assert_eq!(
            axes(&points(vec![1.0, 2.0, 3.0, 4.0], 2)),
            None,
            "two digits"
        );
        assert_eq!(axes(&points(vec![f32::NAN; 20], 2)), None);
        assert_eq!(axes(&Points::default()), None);
    }
}
