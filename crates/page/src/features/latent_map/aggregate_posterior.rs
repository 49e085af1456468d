//! The aggregate posterior 1/n Σ q(z|xᵢ) on the plane, against the prior.
//!
//! What the decoder learns to draw lies where the digits' posteriors lie. Where the prior has mass and they
//! have none, a sample from the prior is no digit: the hole that the ELBO leaves.

use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::points::Points;
use crate::features::latent_map::viewport::Viewport;

/// Squares of the grid along a side.
pub(crate) const SIDE: usize = 64;
/// A posterior counts so many σ far.
const MAX_SIGMAS: f64 = 4.0;
/// Where one of the densities is so many times the other, the colour is full.
const FULL: f64 = 8.0;

/// The density at the middle of each square of a view, a digit at a time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AggregatePosterior {
    /// Of the values on the axes of each column and row, from the left and from the top.
    values: [Vec<f64>; 2],
    /// Σ q over the digits so far, `[64 × 64]`, row by row.
    sum: Vec<f64>,
    /// The number of digits.
    count: usize,
}

impl AggregatePosterior {
    /// None yet.
    pub(crate) fn new(slice: &LatentSlice, view: &Viewport) -> Self {
        let share = |at: usize| (at as f64 + 0.5) / SIDE as f64;
        let value = |i: usize, at: usize| {
            let share = share(at);
            slice.scale.value(view.to_z([share, share])[i])
        };
        Self {
            values: [0, 1].map(|i| (0..SIDE).map(|at| value(i, at)).collect()),
            sum: vec![0.0; SIDE * SIDE],
            count: 0,
        }
    }

    /// How many digits it holds.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Takes so many more of these digits in.
    pub(crate) fn take_in(&mut self, slice: &LatentSlice, points: &Points, most: usize) {
        let digits = points.means_by_image().zip(points.sigmas_by_image());
        for (mu, sigma) in digits.skip(self.count).take(most) {
            self.add(slice.coordinates(mu), slice.covariance(sigma));
            self.count += 1;
        }
    }

    /// Adds one Gaussian of the plane.
    fn add(&mut self, [x, y]: [f64; 2], [across, up, shared]: [f64; 3]) {
        let determinant = across * up - shared * shared;
        if determinant.is_nan() || determinant <= 0.0 {
            return;
        }
        let peak = 1.0 / (std::f64::consts::TAU * determinant.sqrt());
        let near = |values: &[f64], mean: f64, variance: f64| {
            let reach = MAX_SIGMAS * variance.sqrt();
            let within = |value: &f64| (value - mean).abs() <= reach;
            let first = values.iter().position(within).unwrap_or(0);
            first
                ..values
                    .iter()
                    .rposition(within)
                    .map_or(first, |last| last + 1)
        };
        let columns = near(&self.values[0], x, across);
        for row in near(&self.values[1], y, up) {
            let dy = self.values[1][row] - y;
            for column in columns.clone() {
                let dx = self.values[0][column] - x;
                let distance = up * dx * dx - 2.0 * shared * dx * dy + across * dy * dy;
                self.sum[row * SIDE + column] += peak * (-0.5 * distance / determinant).exp();
            }
        }
    }

    /// The aggregate posterior and the prior in each square, both as densities of the plane, in units of z.
    fn pairs(&self) -> impl Iterator<Item = [f64; 2]> + '_ {
        let normal = |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
        self.sum.iter().enumerate().map(move |(at, sum)| {
            let prior = normal(self.values[0][at % SIDE]) * normal(self.values[1][at / SIDE]);
            [sum / self.count.max(1) as f64, prior]
        })
    }

    /// As RGBA, `[64 × 64]`: the first colour where the digits outweigh the prior, the second where the prior
    /// outweighs them, the fainter the less there is of either.
    pub(crate) fn paint(&self, [more, less]: [[u8; 3]; 2]) -> Vec<u8> {
        if self.count == 0 {
            return vec![0; SIDE * SIDE * 4];
        }
        // The prior's own peak counts as much.
        let much = 1.0 / std::f64::consts::TAU;
        let pixels = self.pairs().flat_map(|[posterior, prior]| {
            let ratio = ((posterior + 1e-12) / (prior + 1e-12)).ln() / FULL.ln();
            let [r, g, b] = if ratio > 0.0 { more } else { less };
            // By the root, so that what is thinly spread is seen, too.
            let amount = (posterior.max(prior) / much).min(1.0).sqrt();
            [r, g, b, (255.0 * ratio.abs().min(1.0) * amount) as u8]
        });
        pixels.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::latent_map::latent_slice::Scale;
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
        // In parts, as the page does it.
        while density.count() < count {
            density.take_in(slice, &points, 1);
        }
        density
    }

    fn plane() -> LatentSlice {
        LatentSlice::axis_aligned(2, [0, 1], Scale::Linear)
    }

    #[test]
    fn the_whole_of_a_posterior_is_one() {
        let density = density(
            vec![0.5, -1.0, 1.0, 1.0],
            vec![0.3, 0.2, 0.4, 0.4],
            &plane(),
        );
        let square = (6.0 / SIDE as f64).powi(2);
        let total: f64 = density
            .pairs()
            .map(|[posterior, _]| posterior * square)
            .sum();
        assert!((total - 1.0).abs() < 1e-3, "{total}");
    }

    #[test]
    fn a_posterior_that_is_the_prior_leaves_no_colour() {
        let density = density(vec![0.0, 0.0], vec![1.0, 1.0], &plane());
        let rgba = density.paint([[255, 0, 0], [0, 0, 255]]);
        assert!(rgba.iter().skip(3).step_by(4).all(|&alpha| alpha < 3));
    }

    #[test]
    fn colours_say_which_outweighs_the_other() {
        let density = density(vec![1.5, 1.5], vec![0.3, 0.3], &plane());
        let rgba = density.paint([[1, 0, 0], [0, 0, 2]]);
        let at = |x: f64, y: f64| {
            let [across, down] = Viewport::HOME.to_fraction([x, y]);
            let [column, row] = [across, down].map(|share| (share * SIDE as f64) as usize);
            &rgba[(row * SIDE + column) * 4..][..4]
        };
        assert_eq!(&at(1.5, 1.5)[..3], [1, 0, 0]);
        assert_eq!(&at(-0.5, -0.5)[..3], [0, 0, 2]);
        assert!(at(-0.1, -0.1)[3] > 200, "a hole in the middle");
    }
}
