//! Where the search for the best Gaussian starts, and its result from several starts. No web types.

use estimate::{Fitted, PlaneGaussian};

/// Modes of the posterior at which a search starts, in addition to the encoder's q.
const MAX_MODES: usize = 2;
/// Modes of a smaller density, relative to the largest, are not tried.
const MIN_LOG_DENSITY: f64 = -6.0;
/// Smallest distance between two starts, in units of the encoder's σ.
const MIN_DISTANCE: f64 = 4.0;

/// The encoder's q, and the same Gaussian at the highest points of the posterior that are far from it and from each other.
///
/// `cells` are those of quadrature, `[n × 4]`: z₁ and z₂ of the centre, the side length, and the log density.
pub(crate) fn starts(encoder: PlaneGaussian, cells: &[f32]) -> Vec<PlaneGaussian> {
    let mut cells: Vec<[f64; 4]> = cells
        .as_chunks::<4>()
        .0
        .iter()
        .map(|cell| cell.map(f64::from))
        .collect();
    cells.sort_by(|a, b| b[3].total_cmp(&a[3]));
    let largest = cells.first().map_or(0.0, |cell| cell[3]);
    let mut starts = vec![encoder];
    for [x, y, _, log_density] in cells {
        if starts.len() > MAX_MODES || log_density < largest + MIN_LOG_DENSITY {
            break;
        }
        let is_far = |other: &PlaneGaussian| {
            let [dx, dy] = [x - other.mu[0], y - other.mu[1]];
            (dx / encoder.sigma[0])
                .abs()
                .max((dy / encoder.sigma[1]).abs())
                > MIN_DISTANCE
        };
        if starts.iter().all(is_far) {
            starts.push(PlaneGaussian {
                mu: [x, y],
                ..encoder
            });
        }
    }
    starts
}

/// The result with the largest ELBO.
pub(crate) fn best(results: impl IntoIterator<Item = Fitted>) -> Option<Fitted> {
    results
        .into_iter()
        .filter(|found| found.elbo.is_finite())
        .max_by(|a, b| a.elbo.total_cmp(&b.elbo))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENCODER: PlaneGaussian = PlaneGaussian {
        mu: [0.0, 0.0],
        sigma: [0.1, 0.1],
    };

    #[test]
    fn starts_include_modes_far_from_the_encoder() {
        let cells = [
            [0.05, 0.0, 0.01, 1.0],
            [1.0, 0.0, 0.01, 3.0],
            // Beside a higher cell, and of small density.
            [1.1, 0.0, 0.01, 2.9],
            [-1.0, 0.0, 0.01, -3.5],
        ];
        let starts = starts(ENCODER, cells.as_flattened());
        assert_eq!(starts.len(), 2);
        assert_eq!((starts[0], starts[1].mu), (ENCODER, [1.0, 0.0]));
        assert_eq!(starts[1].sigma, ENCODER.sigma);
    }

    #[test]
    fn best_ignores_results_that_are_not_finite() {
        let fitted = |elbo| Fitted { q: ENCODER, elbo };
        let found = best([fitted(-3.0), fitted(f64::NAN), fitted(-2.0)]);
        assert_eq!(found.map(|found| found.elbo), Some(-2.0));
        assert_eq!(best([]), None);
    }
}
