//! The plane of two latent dimensions, divided into cells.

use super::{EvidenceError, check_number};
use crate::posterior::LOG_VAR_MIN;
use std::f64::consts::PI;

/// The largest number of cells along a side of a grid.
pub const MAX_GRID_SIDE: usize = 1000;

/// A square of the plane, at whose centre the integrand is evaluated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The centre, `[z₁, z₂]`.
    pub z: [f64; 2],
    /// The width, in units of z.
    pub width: f64,
}

impl Cell {
    /// The logarithm of its area.
    pub fn log_area(&self) -> f64 {
        2.0 * self.width.ln()
    }

    /// The four cells of half the width.
    pub(super) fn quarters(&self) -> [Self; 4] {
        let Self { z: [x, y], width } = *self;
        let offset = width / 4.0;
        [
            (-offset, -offset),
            (offset, -offset),
            (-offset, offset),
            (offset, offset),
        ]
        .map(|(dx, dy)| Self {
            z: [x + dx, y + dy],
            width: width / 2.0,
        })
    }

    /// log p(z) of the prior N(0, I) at the centre, in nats.
    pub(super) fn log_prior(&self) -> f64 {
        log_normal(self.z, [0.0; 2], [0.0; 2])
    }
}

/// The log density of a diagonal Gaussian, in nats.
pub(super) fn log_normal(z: [f64; 2], mu: [f64; 2], log_var: [f64; 2]) -> f64 {
    (0..2)
        .map(|i| {
            let log_var = log_var[i].max(LOG_VAR_MIN);
            let deviation = z[i] - mu[i];
            -0.5 * (deviation * deviation / log_var.exp() + log_var + (2.0 * PI).ln())
        })
        .sum()
}

/// [−reach, reach]² as cells of equal size, row-major: z₁ varies along a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LatentGrid {
    side: usize,
    reach: f64,
}

impl LatentGrid {
    /// The default reach. The prior's probability outside the square is 4e-9.
    pub const REACH: f64 = 6.0;

    /// A grid of `side` × `side` cells on [−reach, reach]².
    ///
    /// # Errors
    /// [`EvidenceError::OutOfBounds`] for fewer than 8 or more than [`MAX_GRID_SIDE`] cells on a side.
    pub fn new(side: usize, reach: f64) -> Result<Self, EvidenceError> {
        check_number("the grid's side", side, [8, MAX_GRID_SIDE])?;
        Ok(Self { side, reach })
    }

    /// Number of cells along a side.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.side * self.side
    }

    /// Always false: a grid has at least 64 cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The width of a cell.
    pub fn width(&self) -> f64 {
        2.0 * self.reach / self.side as f64
    }

    /// The cell with this index.
    pub fn cell(&self, index: usize) -> Cell {
        let width = self.width();
        let z = [index % self.side, index / self.side];
        Cell {
            z: z.map(|i| (i as f64 + 0.5) * width - self.reach),
            width,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latent_grid_cells_cover_the_plane_and_quarters_their_cell() {
        let grid = LatentGrid::new(8, 4.0).expect("in bounds");
        assert_eq!((grid.width(), grid.len()), (1.0, 64));
        assert_eq!(grid.cell(0).z, [-3.5, -3.5]);
        assert_eq!(grid.cell(9).z, [-2.5, -2.5]);
        assert_eq!(grid.cell(63).z, [3.5, 3.5]);
        let quarters = grid.cell(9).quarters();
        assert_eq!(quarters[1].z, [-2.25, -2.75]);
        let area: f64 = quarters.iter().map(|cell| cell.log_area().exp()).sum();
        assert!((area - 1.0).abs() < 1e-12);
        let mass: f64 = (0..64)
            .map(|index| grid.cell(index))
            .map(|cell| (cell.log_prior() + cell.log_area()).exp())
            .sum();
        assert!((mass - 1.0).abs() < 2e-4, "{mass}");
    }
}
