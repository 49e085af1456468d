//! The aggregate posterior 1/n Σ q(z|xᵢ) on the plane, compared with the prior.
//!
//! The decoder is trained only where the images' posteriors have mass. Where the prior has mass and the aggregate
//! posterior has none (a "hole"), samples from the prior do not look like the data.

use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::points::Points;
use crate::features::latent_map::viewport::Viewport;

/// Grid cells along a side.
pub(crate) const SIDE: usize = 64;
/// Each posterior is truncated at this many σ from its mean.
const MAX_SIGMAS: f64 = 4.0;
/// Ratio of the densities at which the colour saturates.
const SATURATION_RATIO: f64 = 8.0;

/// The aggregate posterior at the centre of each grid cell of a view, accumulated image by image.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AggregatePosterior {
    /// Coordinates of the columns from the left, and of the rows from the top, in units of z.
    coordinates: [Vec<f64>; 2],
    /// Σ q(z|xᵢ) over the images so far, `[64 × 64]`, row-major.
    sum: Vec<f64>,
    /// Number of images so far.
    count: usize,
}

impl AggregatePosterior {
    /// An empty sum over the view's grid.
    pub(crate) fn new(slice: &LatentSlice, view: &Viewport) -> Self {
        let coordinate = |axis: usize, index: usize| {
            let fraction = (index as f64 + 0.5) / SIDE as f64;
            slice
                .scale
                .coordinate_at(view.at_fraction([fraction; 2])[axis])
        };
        Self {
            coordinates: [0, 1]
                .map(|axis| (0..SIDE).map(|index| coordinate(axis, index)).collect()),
            sum: vec![0.0; SIDE * SIDE],
            count: 0,
        }
    }

    /// Number of images so far.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Adds the next images of `points`, at most `limit`.
    pub(crate) fn add_images(&mut self, slice: &LatentSlice, points: &Points, limit: usize) {
        let posteriors = points.means_by_image().zip(points.sigmas_by_image());
        for (mu, sigma) in posteriors.skip(self.count).take(limit) {
            self.add(slice.coordinates(mu), slice.covariance(sigma));
            self.count += 1;
        }
    }

    /// Adds a two-dimensional Gaussian, given by its mean, its variances along both axes and their covariance.
    fn add(&mut self, [x, y]: [f64; 2], [var_x, var_y, cov]: [f64; 3]) {
        let determinant = var_x * var_y - cov * cov;
        if determinant.is_nan() || determinant <= 0.0 {
            return;
        }
        let peak = 1.0 / (std::f64::consts::TAU * determinant.sqrt());
        let support = |coordinates: &[f64], mean: f64, variance: f64| {
            let radius = MAX_SIGMAS * variance.sqrt();
            let is_inside = |coordinate: &f64| (coordinate - mean).abs() <= radius;
            let first = coordinates.iter().position(is_inside).unwrap_or(0);
            let last = coordinates.iter().rposition(is_inside);
            first..last.map_or(first, |last| last + 1)
        };
        let columns = support(&self.coordinates[0], x, var_x);
        for row in support(&self.coordinates[1], y, var_y) {
            let dy = self.coordinates[1][row] - y;
            for column in columns.clone() {
                let dx = self.coordinates[0][column] - x;
                let distance = var_y * dx * dx - 2.0 * cov * dx * dy + var_x * dy * dy;
                self.sum[row * SIDE + column] += peak * (-0.5 * distance / determinant).exp();
            }
        }
    }

    /// The densities of aggregate posterior and prior in each grid cell, per unit area of z.
    fn densities(&self) -> impl Iterator<Item = [f64; 2]> + '_ {
        let normal = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
        self.sum.iter().enumerate().map(move |(index, sum)| {
            let [x, y] = [
                self.coordinates[0][index % SIDE],
                self.coordinates[1][index / SIDE],
            ];
            [sum / self.count.max(1) as f64, normal(x) * normal(y)]
        })
    }

    /// RGBA pixels, `[64 × 64 × 4]`. The hue shows which density is larger: the first colour for the aggregate
    /// posterior, the second for the prior. Opacity grows with their log ratio and with the larger density.
    pub(crate) fn paint(&self, [more, less]: [[u8; 3]; 2]) -> Vec<u8> {
        if self.count == 0 {
            return vec![0; SIDE * SIDE * 4];
        }
        // The density at which opacity saturates: the prior's maximum.
        let full_density = 1.0 / std::f64::consts::TAU;
        let pixels = self.densities().flat_map(|[posterior, prior]| {
            let ratio = ((posterior + 1e-12) / (prior + 1e-12)).ln() / SATURATION_RATIO.ln();
            let [r, g, b] = if ratio > 0.0 { more } else { less };
            // The square root keeps low densities visible.
            let density = (posterior.max(prior) / full_density).min(1.0).sqrt();
            [r, g, b, (255.0 * ratio.abs().min(1.0) * density) as u8]
        });
        pixels.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::latent_map::scale::Scale;
    use std::sync::Arc;

    fn density(means: Vec<f32>, sigmas: Vec<f32>, slice: &LatentSlice) -> AggregatePosterior {
        let count = means.len() / 2;
        let points = Points {
            images: Arc::default(),
            labels: Arc::new(vec![0; count]),
            means,
            sigmas,
            latent: 2,
        };
        let mut density = AggregatePosterior::new(slice, &Viewport::HOME);
        // In batches, as the page does.
        while density.count() < count {
            density.add_images(slice, &points, 1);
        }
        density
    }

    fn plane() -> LatentSlice {
        LatentSlice::axis_aligned(2, [0, 1], Scale::Linear)
    }

    #[test]
    fn aggregate_posterior_integrates_to_one() {
        let density = density(
            vec![0.5, -1.0, 1.0, 1.0],
            vec![0.3, 0.2, 0.4, 0.4],
            &plane(),
        );
        let square = (6.0 / SIDE as f64).powi(2);
        let total: f64 = density
            .densities()
            .map(|[posterior, _]| posterior * square)
            .sum();
        assert!((total - 1.0).abs() < 1e-3, "{total}");
    }

    #[test]
    fn paint_is_transparent_where_posterior_equals_prior() {
        let density = density(vec![0.0, 0.0], vec![1.0, 1.0], &plane());
        let rgba = density.paint([[255, 0, 0], [0, 0, 255]]);
        assert!(rgba.iter().skip(3).step_by(4).all(|&alpha| alpha < 3));
    }

    #[test]
    fn paint_colours_by_the_larger_density() {
        let density = density(vec![1.5, 1.5], vec![0.3, 0.3], &plane());
        let rgba = density.paint([[1, 0, 0], [0, 0, 2]]);
        let at = |x: f64, y: f64| {
            let [across, down] = Viewport::HOME.fraction_of([x, y]);
            let [column, row] = [across, down].map(|fraction| (fraction * SIDE as f64) as usize);
            &rgba[(row * SIDE + column) * 4..][..4]
        };
        assert_eq!(&at(1.5, 1.5)[..3], [1, 0, 0]);
        assert_eq!(&at(-0.5, -0.5)[..3], [0, 0, 2]);
        assert!(at(-0.1, -0.1)[3] > 200, "a hole in the middle");
    }
}
