//! The exact log p(x) and the true posterior of one image, from its log p(x, z) on a grid.

use super::{LatentGrid, LogSum};
use crate::posterior::LOG_VAR_MIN;
use std::f64::consts::PI;

/// What quadrature says of an image under a model of two latent dimensions.
#[derive(Debug, Clone, PartialEq)]
pub struct Exact {
    /// The grid that was summed over.
    pub grid: LatentGrid,
    /// log p(x) in nats (notes, section 4): the logarithm of ∫ p(x|z) p(z) dz.
    pub log_evidence: f64,
    /// How far off it may be, in nats: the largest distance of what the four grids of half as many points on
    /// a side say, of which this one is made. That is the error of those, and so more than that of the whole.
    pub error: f64,
    /// log p(x, z) at each point.
    log_joint: Vec<f64>,
}

impl Exact {
    /// From log p(x, z) at the points of a grid.
    pub(super) fn new(grid: LatentGrid, log_joint: Vec<f64>) -> Self {
        let side = grid.side();
        let mut quarters = [LogSum::default(); 4];
        for (index, &log) in log_joint.iter().enumerate() {
            let (row, column) = (index / side, index % side);
            quarters[2 * (row % 2) + column % 2].add(log);
        }
        let area = 2.0 * grid.step().ln();
        let largest = quarters
            .iter()
            .map(LogSum::log_sum)
            .fold(f64::NEG_INFINITY, f64::max);
        let sum = quarters.iter().map(|q| (q.log_sum() - largest).exp());
        let log_evidence = largest + sum.sum::<f64>().ln() + area;
        // Each of them stands for four times the area.
        let of_quarter = |q: &LogSum| q.log_sum() + area + 4.0_f64.ln();
        let error = quarters
            .iter()
            .map(|quarter| (of_quarter(quarter) - log_evidence).abs())
            .fold(0.0, f64::max);
        Self {
            grid,
            log_evidence,
            error,
            log_joint,
        }
    }

    /// log p(z|x) at a point of the grid, by Bayes' rule (notes, section 1).
    pub fn log_posterior(&self, index: usize) -> f64 {
        self.log_joint[index] - self.log_evidence
    }

    /// The mean of the true posterior.
    pub fn mean(&self) -> [f64; 2] {
        let mut mean = [0.0; 2];
        for (z, mass) in self.masses() {
            (0..2).for_each(|i| mean[i] += mass * z[i]);
        }
        mean
    }

    /// The covariance of the true posterior, `[2 × 2]`.
    pub fn covariance(&self) -> [[f64; 2]; 2] {
        let mean = self.mean();
        let mut covariance = [[0.0; 2]; 2];
        for (z, mass) in self.masses() {
            for (i, row) in covariance.iter_mut().enumerate() {
                for (j, value) in row.iter_mut().enumerate() {
                    *value += mass * (z[i] - mean[i]) * (z[j] - mean[j]);
                }
            }
        }
        covariance
    }

    /// KL(q ‖ p(z|x)) of a diagonal Gaussian, in nats, integrated on the grid: the gap between log p(x) and
    /// the ELBO (notes, Equation 21).
    ///
    /// q's own sum on the grid is its mass, 1 up to the rule's error; a q much narrower than the grid's step
    /// needs a finer one.
    pub fn kl_from(&self, mu: [f64; 2], log_var: [f64; 2]) -> f64 {
        let area = self.grid.step().powi(2);
        let log_q = |z: [f64; 2]| -> f64 {
            (0..2)
                .map(|i| {
                    let log_var = log_var[i].max(LOG_VAR_MIN);
                    let off = z[i] - mu[i];
                    -0.5 * (off * off / log_var.exp() + log_var + (2.0 * PI).ln())
                })
                .sum()
        };
        (0..self.grid.len())
            .map(|index| {
                let log_q = log_q(self.grid.z(index));
                let q = log_q.exp() * area;
                // Where q is nothing, what it is compared with does not matter.
                if q > 0.0 {
                    q * (log_q - self.log_posterior(index))
                } else {
                    0.0
                }
            })
            .sum()
    }

    /// Each point with its share of the posterior.
    fn masses(&self) -> impl Iterator<Item = ([f64; 2], f64)> + '_ {
        let area = self.grid.step().powi(2);
        (0..self.grid.len())
            .map(move |index| (self.grid.z(index), self.log_posterior(index).exp() * area))
    }
}
