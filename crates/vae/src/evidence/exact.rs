//! The exact log p(x) and the true posterior of one image, from its log p(x, z) on the cells of a plane.

use super::{Cell, LatentGrid, LogSum, plane::log_normal};

/// What quadrature says of an image under a model of two latent dimensions.
///
/// The plane is cut into square cells, each of which stands for what lies in its middle. On cells of one size
/// that is the trapezoidal rule, whose error falls faster than any power of their width where all that is
/// summed is smooth and dies out.
#[derive(Debug, Clone, PartialEq)]
pub struct Exact {
    /// log p(x) in nats (notes, section 4): the logarithm of ∫ p(x|z) p(z) dz.
    pub log_evidence: f64,
    /// How far off it may be, in nats: how far off a sum over larger cells is, and so more than the sum's own
    /// error.
    pub error: f64,
    pub(super) cells: Vec<Cell>,
    /// log p(x, z) in the middle of each.
    pub(super) log_joint: Vec<f64>,
}

impl Exact {
    /// From log p(x, z) at the points of a grid. The error is the largest distance of what the four grids of
    /// half as many points on a side say, of which this one is made.
    pub(super) fn on_grid(grid: LatentGrid, log_joint: Vec<f64>) -> Self {
        let side = grid.side();
        let mut quarters = [LogSum::default(); 4];
        for (index, &log) in log_joint.iter().enumerate() {
            let (row, column) = (index / side, index % side);
            quarters[2 * (row % 2) + column % 2].add(log);
        }
        let cells = (0..grid.len()).map(|index| grid.cell(index)).collect();
        let mut exact = Self::of(cells, log_joint);
        // Each of them stands for four times the area.
        let area = 2.0 * grid.width().ln() + 4.0_f64.ln();
        exact.error = quarters
            .iter()
            .map(|quarter| (quarter.log_sum() + area - exact.log_evidence).abs())
            .fold(0.0, f64::max);
        exact
    }

    /// From log p(x, z) in the middle of cells that cover the plane; of unknown error.
    pub(super) fn of(cells: Vec<Cell>, log_joint: Vec<f64>) -> Self {
        let masses = cells.iter().zip(&log_joint);
        let sum: LogSum = masses.map(|(cell, log)| log + cell.log_area()).collect();
        Self {
            log_evidence: sum.log_sum(),
            error: f64::INFINITY,
            cells,
            log_joint,
        }
    }

    /// The cells, each with the true posterior's log density in its middle: log p(z|x) by Bayes' rule (notes,
    /// section 1).
    pub fn posterior(&self) -> impl Iterator<Item = (Cell, f64)> + '_ {
        let all = self.cells.iter().zip(&self.log_joint);
        all.map(|(&cell, log)| (cell, log - self.log_evidence))
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

    /// KL(q ‖ p(z|x)) of a diagonal Gaussian, in nats, integrated on the cells: the gap between log p(x) and
    /// the ELBO (notes, Equation 21).
    ///
    /// A q much narrower than the cells where it lies needs smaller ones: see
    /// [`refine`](Self::refine).
    pub fn kl_from(&self, mu: [f64; 2], log_var: [f64; 2]) -> f64 {
        self.posterior()
            .map(|(cell, log_posterior)| {
                let log_q = log_normal(cell.z, mu, log_var);
                let q = (log_q + cell.log_area()).exp();
                // Where q is nothing, what it is compared with does not matter.
                if q > 0.0 {
                    q * (log_q - log_posterior)
                } else {
                    0.0
                }
            })
            .sum()
    }

    /// Each point with its share of the posterior.
    fn masses(&self) -> impl Iterator<Item = ([f64; 2], f64)> + '_ {
        self.posterior()
            .map(|(cell, log)| (cell.z, (log + cell.log_area()).exp()))
    }
}
