//! A two-dimensional slice of the latent space: its axes and their scale.
//!
//! "Coordinates" are in units of z along the slice's axes; "map positions" are coordinates after the [`Scale`].

use crate::features::latent_map::scale::Scale;
use crate::latent::{LATENT_LIMIT, round_to_step};

/// A plane in the latent space, spanned by two orthonormal axes. The prior's marginal on it is N(0, I).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LatentSlice {
    axes: [Vec<f32>; 2],
    /// The latent dimensions that the axes are parallel to, if any.
    pair: Option<[usize; 2]>,
    /// Scale of both axes.
    pub(crate) scale: Scale,
}

impl LatentSlice {
    /// The plane of two of `size` latent dimensions.
    pub(crate) fn axis_aligned(size: usize, pair: [usize; 2], scale: Scale) -> Self {
        let axes = pair.map(|at| {
            let mut axis = vec![0.0; size];
            if let Some(component) = axis.get_mut(at) {
                *component = 1.0;
            }
            axis
        });
        Self {
            axes,
            pair: Some(pair),
            scale,
        }
    }

    /// The plane along two orthonormal directions, `[latent]` each.
    pub(crate) fn along(axes: [Vec<f32>; 2], scale: Scale) -> Self {
        Self {
            axes,
            pair: None,
            scale,
        }
    }

    /// The latent dimensions of the axes, counting from 0; `None` for directions that mix dimensions.
    pub(crate) fn pair(&self) -> Option<[usize; 2]> {
        self.pair
    }

    /// Number of latent dimensions.
    pub(crate) fn size(&self) -> usize {
        self.axes[0].len()
    }

    /// Coordinates of z's projection onto the plane.
    pub(crate) fn coordinates(&self, z: &[f32]) -> [f64; 2] {
        match self.pair {
            // The common case; 10,000 points are projected per frame.
            Some(pair) => pair.map(|at| f64::from(z.get(at).copied().unwrap_or(0.0))),
            None => self.axes.each_ref().map(|axis| dot(axis, z)),
        }
    }

    /// Map position of z's projection onto the plane.
    pub(crate) fn to_map(&self, z: &[f32]) -> [f64; 2] {
        self.coordinates(z)
            .map(|coordinate| self.scale.to_map(coordinate))
    }

    /// z at a map position, in the parallel plane through another z; clamped to ±[`LATENT_LIMIT`].
    pub(crate) fn z(&self, position: [f64; 2], through: &[f32]) -> Vec<f32> {
        let coordinates = position.map(|position| self.scale.coordinate_at(position));
        if let Some(pair) = self.pair {
            let mut z = through.to_vec();
            for (at, coordinate) in pair.into_iter().zip(coordinates) {
                if let Some(component) = z.get_mut(at) {
                    *component = (coordinate as f32).clamp(-LATENT_LIMIT, LATENT_LIMIT);
                }
            }
            return z;
        }
        let current = self.coordinates(through);
        let [dx, dy] = [coordinates[0] - current[0], coordinates[1] - current[1]];
        let axes = self.axes[0].iter().zip(&self.axes[1]);
        let moved = through
            .iter()
            .zip(axes)
            .map(|(&z, (&a, &b))| (f64::from(z) + dx * f64::from(a) + dy * f64::from(b)) as f32);
        moved
            .map(|z| z.clamp(-LATENT_LIMIT, LATENT_LIMIT))
            .collect()
    }

    /// [`z`](Self::z) with the axes' dimensions rounded to the sliders' step.
    pub(crate) fn slider_z(&self, position: [f64; 2], through: &[f32]) -> Vec<f32> {
        let mut z = self.z(position, through);
        for at in self.pair.into_iter().flatten() {
            if let Some(component) = z.get_mut(at) {
                *component = round_to_step(*component);
            }
        }
        z
    }

    /// The component of z orthogonal to the plane, rounded to three decimals. It is the same for all z of a map.
    pub(crate) fn orthogonal_part(&self, z: &[f32]) -> Vec<f32> {
        let mut rest = z.to_vec();
        for (axis, coordinate) in self.axes.iter().zip(self.coordinates(z)) {
            for (rest, &direction) in rest.iter_mut().zip(axis) {
                *rest -= coordinate as f32 * direction;
            }
        }
        let rounded = rest.into_iter().map(|rest| (rest * 1e3).round() / 1e3);
        // Adding 0 turns −0 into 0.
        rounded.map(|rest| rest + 0.0).collect()
    }

    /// Covariance on the plane of a diagonal Gaussian with these σ, `[latent]`: the variances along both axes, and
    /// the covariance.
    pub(crate) fn covariance(&self, sigma: &[f32]) -> [f64; 3] {
        let [a, b] = &self.axes;
        let mut sums = [0.0; 3];
        for ((&a, &b), &sigma) in a.iter().zip(b).zip(sigma) {
            let [a, b, variance] = [a, b, sigma * sigma].map(f64::from);
            sums[0] += a * a * variance;
            sums[1] += b * b * variance;
            sums[2] += a * b * variance;
        }
        sums
    }

    /// Map positions on the ellipse at `sigmas` standard deviations from a Gaussian's mean. Mean and covariance are
    /// in coordinates; the quantile scale distorts the ellipse.
    pub(crate) fn ellipse(
        &self,
        mean: [f64; 2],
        covariance: [f64; 3],
        sigmas: f64,
    ) -> Vec<[f64; 2]> {
        // The Cholesky factor L of the covariance maps the unit circle to the ellipse.
        let [var_x, var_y, cov] = covariance;
        let l00 = var_x.max(0.0).sqrt();
        let l10 = if l00 > 0.0 { cov / l00 } else { 0.0 };
        let l11 = (var_y - l10 * l10).max(0.0).sqrt();
        let vertex = |k: usize| {
            let angle = k as f64 / VERTICES as f64 * std::f64::consts::TAU;
            let (sin, cos) = angle.sin_cos();
            let offset = [l00 * cos, l10 * cos + l11 * sin];
            [0, 1].map(|i| self.scale.to_map(mean[i] + sigmas * offset[i]))
        };
        (0..VERTICES).map(vertex).collect()
    }
}

/// Vertices of an ellipse's outline.
const VERTICES: usize = 72;

fn dot(a: &[f32], b: &[f32]) -> f64 {
    let products = a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b));
    products.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oblique() -> LatentSlice {
        let half = std::f32::consts::FRAC_1_SQRT_2;
        LatentSlice::along([vec![half, half, 0.0], vec![0.0, 0.0, 1.0]], Scale::Linear)
    }

    fn close(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    #[test]
    fn latent_slice_of_two_dimensions_is_the_identity() {
        let slice = LatentSlice::axis_aligned(2, [0, 1], Scale::Linear);
        assert_eq!(slice.to_map(&[0.5, -1.25]), [0.5, -1.25]);
        assert_eq!(slice.z([0.5, -1.25], &[9.0, 9.0]), [0.5, -1.25]);
        assert_eq!(slice.orthogonal_part(&[0.5, -1.25]), [0.0, 0.0]);
        assert_eq!(
            slice.slider_z([0.123_4, 9.0], &[0.0, 0.0]),
            [0.12, LATENT_LIMIT]
        );
    }

    #[test]
    fn z_keeps_the_orthogonal_part() {
        let through = [1.0, 0.5, -0.25];
        let slice = LatentSlice::axis_aligned(3, [2, 0], Scale::Linear);
        assert_eq!(slice.z([2.0, -1.0], &through), [-1.0, 0.5, 2.0]);
        assert_eq!(slice.orthogonal_part(&through), [0.0, 0.5, 0.0]);

        let slice = oblique();
        let position = slice.to_map(&through);
        assert!(close(&slice.z(position, &through), &through), "round trip");
        let moved = slice.z([0.0, 0.0], &through);
        assert!(close(&moved, &[0.25, -0.25, 0.0]));
        assert!(close(
            &slice.orthogonal_part(&through),
            &slice.orthogonal_part(&moved)
        ));
    }

    #[test]
    fn z_inverts_to_map_on_both_scales() {
        for scale in [Scale::Linear, Scale::Quantile] {
            let slice = LatentSlice { scale, ..oblique() };
            for place in [[0.5, -1.0], [-2.9, 2.9], [0.0, 0.0]] {
                let back = slice.to_map(&slice.z(place, &[0.3, 0.1, -0.2]));
                assert!(
                    (0..2).all(|i| (back[i] - place[i]).abs() < 1e-5),
                    "{back:?}"
                );
            }
        }
    }

    #[test]
    fn ellipse_has_the_covariance_of_the_posterior() {
        let slice = oblique();
        // σ of 2 and 1 at 45°: the variance is (4 + 1) / 2.
        let covariance = slice.covariance(&[2.0, 1.0, 0.5]);
        assert!((covariance[0] - 2.5).abs() < 1e-6 && (covariance[1] - 0.25).abs() < 1e-6);
        let outline = slice.ellipse([1.0, 0.0], covariance, 2.0);
        let widest = outline.iter().map(|at| at[0]).fold(f64::MIN, f64::max);
        assert!((widest - (1.0 + 2.0 * 2.5_f64.sqrt())).abs() < 1e-6);
        // Every vertex has Mahalanobis distance 2.
        let [a, b, c] = [2.0, 1.0, 0.6];
        for [x, y] in slice.ellipse([0.0; 2], [a, b, c], 2.0) {
            let distance = (b * x * x - 2.0 * c * x * y + a * y * y) / (a * b - c * c);
            assert!((distance - 4.0).abs() < 1e-9);
        }
    }
}
