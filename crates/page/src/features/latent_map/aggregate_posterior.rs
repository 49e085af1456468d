//! The aggregate posterior 1/n Σ q(z|xᵢ) on the plane, compared with the prior.
//!
//! The decoder is trained only where the images' posteriors have mass. Where the prior has mass and the aggregate
//! posterior has none (a "hole"), samples from the prior do not look like the data.

use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::points::Points;
use crate::features::latent_map::viewport::Viewport;

/// Grid cells along a side.
const SIDE: usize = 64;
/// Pixels along a side of the painted layer.
pub(crate) const PAINTED_SIDE: usize = 256;
/// The hatching: its period and the width of its lines in pixels, along an axis.
const HATCH_PERIOD: usize = 8;
const HATCH_WIDTH: usize = 3;
/// Largest opacity, of 255, of the light surface and of the hatching's lines.
const LIGHT_OPACITY: f64 = 150.0;
const HATCH_OPACITY: f64 = 190.0;
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

    /// RGBA pixels, `[256 × 256 × 4]`, all white: where the aggregate posterior is larger than the prior the surface is
    /// light, where it is smaller it is hatched. Colours are left to the classes. Opacity grows with the log ratio of
    /// the densities and with the larger one.
    pub(crate) fn paint(&self) -> Vec<u8> {
        let mut rgba = vec![255; PAINTED_SIDE * PAINTED_SIDE * 4];
        let signed = self.signed_opacities();
        // Bilinear interpolation between the centres of the cells.
        let cell = |pixel: usize| {
            let position = (pixel as f64 + 0.5) * SIDE as f64 / PAINTED_SIDE as f64 - 0.5;
            let position = position.clamp(0.0, (SIDE - 1) as f64);
            let first = (position as usize).min(SIDE - 2);
            (first, position - first as f64)
        };
        for (index, pixel) in rgba.chunks_exact_mut(4).enumerate() {
            let (x, y) = (index % PAINTED_SIDE, index / PAINTED_SIDE);
            let ((column, right), (row, down)) = (cell(x), cell(y));
            let at = row * SIDE + column;
            let above = signed[at] + (signed[at + 1] - signed[at]) * right;
            let below = signed[at + SIDE] + (signed[at + SIDE + 1] - signed[at + SIDE]) * right;
            let opacity = above + (below - above) * down;
            pixel[3] = if opacity > 0.0 {
                (opacity * LIGHT_OPACITY) as u8
            } else if (x + y) % HATCH_PERIOD < HATCH_WIDTH {
                (-opacity * HATCH_OPACITY) as u8
            } else {
                0
            };
        }
        rgba
    }

    /// For each grid cell, 0 to 1 where the aggregate posterior is larger, 0 to −1 where it is smaller.
    fn signed_opacities(&self) -> Vec<f64> {
        if self.count == 0 {
            return vec![0.0; SIDE * SIDE];
        }
        // The density at which opacity saturates: the prior's maximum.
        let full_density = 1.0 / std::f64::consts::TAU;
        let opacities = self.densities().map(|[posterior, prior]| {
            let ratio = ((posterior + 1e-12) / (prior + 1e-12)).ln() / SATURATION_RATIO.ln();
            // The square root keeps low densities visible.
            let density = (posterior.max(prior) / full_density).min(1.0).sqrt();
            ratio.clamp(-1.0, 1.0) * density
        });
        opacities.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::latent_map::points::LabelledImages;
    use crate::features::latent_map::scale::Scale;
    use std::sync::Arc;

    fn density(means: Vec<f32>, sigmas: Vec<f32>, slice: &LatentSlice) -> AggregatePosterior {
        let count = means.len() / 2;
        let points = Points {
            images: LabelledImages {
                labels: Arc::new(vec![0; count]),
                ..LabelledImages::default()
            },
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
        let rgba = density.paint();
        assert!(rgba.iter().skip(3).step_by(4).all(|&alpha| alpha < 3));
    }

    #[test]
    fn paint_is_light_above_the_prior_and_hatched_below() {
        let density = density(vec![1.5, 1.5], vec![0.3, 0.3], &plane());
        let rgba = density.paint();
        // Opacities along a diagonal of two periods of the hatching.
        let around = |x: f64, y: f64| {
            let [across, down] = Viewport::HOME.fraction_of([x, y]);
            let [column, row] =
                [across, down].map(|fraction| (fraction * PAINTED_SIDE as f64) as usize);
            (0..HATCH_PERIOD)
                .map(|k| rgba[((row + k) * PAINTED_SIDE + column) * 4 + 3])
                .collect::<Vec<_>>()
        };
        let light = around(1.5, 1.5);
        assert!(light.iter().all(|alpha| *alpha > 60), "{light:?}");
        let hatched = around(-0.2, 0.1);
        let lines = hatched.iter().filter(|alpha| **alpha > 100).count();
        assert_eq!(lines, HATCH_WIDTH, "a hole in the middle: {hatched:?}");
        assert!(hatched.contains(&0), "{hatched:?}");
        assert!(rgba.chunks(4).all(|pixel| pixel[..3] == [255; 3]), "no hue");
    }
}
