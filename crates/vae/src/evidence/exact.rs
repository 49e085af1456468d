//! log p(x) and the true posterior of one image by quadrature, from log p(x, z) on the cells of the latent plane.

use super::{Cell, LatentGrid, LogSum, plane::log_normal};

/// The result of quadrature for an image under a model with two latent dimensions.
///
/// The plane is divided into square cells, and the integrand is evaluated at the centre of each. On cells of equal size
/// this is the trapezoidal rule, whose error decreases faster than any power of the width for smooth integrands that
/// decay in all directions.
#[derive(Debug, Clone, PartialEq)]
pub struct Exact {
    /// log p(x) = log ∫ p(x|z) p(z) dz, in nats (notes, section 4).
    pub log_evidence: f64,
    /// The estimated error, in nats: that of a sum over larger cells, which exceeds the error of this sum.
    pub error: f64,
    pub(super) cells: Vec<Cell>,
    /// log p(x, z) at the centre of each.
    pub(super) log_joint: Vec<f64>,
}

impl Exact {
    /// From log p(x, z) at the points of a grid. The error is the largest deviation of its four subgrids with half as many
    /// points on a side.
    pub(super) fn from_grid(grid: LatentGrid, log_joint: Vec<f64>) -> Self {
        let side = grid.side();
        let mut subgrids = [LogSum::default(); 4];
        for (index, &log) in log_joint.iter().enumerate() {
            let (row, column) = (index / side, index % side);
            subgrids[2 * (row % 2) + column % 2].add(log);
        }
        let cells = (0..grid.len()).map(|index| grid.cell(index)).collect();
        let mut exact = Self::from_cells(cells, log_joint);
        // A cell of a subgrid has four times the area.
        let area = 2.0 * grid.width().ln() + 4.0_f64.ln();
        exact.error = subgrids
            .iter()
            .map(|subgrid| (subgrid.log_sum() + area - exact.log_evidence).abs())
            .fold(0.0, f64::max);
        exact
    }

    /// From log p(x, z) at the centres of cells that cover the plane; the error is unknown.
    pub(super) fn from_cells(cells: Vec<Cell>, log_joint: Vec<f64>) -> Self {
        let masses = cells.iter().zip(&log_joint);
        let sum: LogSum = masses.map(|(cell, log)| log + cell.log_area()).collect();
        Self {
            log_evidence: sum.log_sum(),
            error: f64::INFINITY,
            cells,
            log_joint,
        }
    }

    /// The cells with the true posterior's log density at their centres, log p(z|x) by Bayes' rule (notes, section 1), in
    /// nats.
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

    /// The covariance of the true posterior, `[2, 2]`.
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

    /// KL(q ‖ p(z|x)) of a diagonal Gaussian q in nats, by quadrature on the cells: the gap between log p(x) and the ELBO
    /// (notes, Equation 21).
    ///
    /// A q much narrower than the cells needs smaller ones; see [`refine`](Self::refine).
    pub fn kl_from(&self, mu: [f64; 2], log_var: [f64; 2]) -> f64 {
        self.posterior()
            .map(|(cell, log_posterior)| {
                let log_q = log_normal(cell.z, mu, log_var);
                let q = (log_q + cell.log_area()).exp();
                // q log q → 0 where q underflows.
                if q > 0.0 {
                    q * (log_q - log_posterior)
                } else {
                    0.0
                }
            })
            .sum()
    }

    /// The centres of the cells with their posterior probabilities.
    fn masses(&self) -> impl Iterator<Item = ([f64; 2], f64)> + '_ {
        self.posterior()
            .map(|(cell, log)| (cell.z, (log + cell.log_area()).exp()))
    }
}
