//! Heat maps over the latent plane. No web types.

use crate::features::latent_map::viewport::Viewport;

/// Values from 0 to 1 in equal cells of a square; the first row is at the top.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Heat {
    /// Cells along a side.
    pub(crate) side: usize,
    /// `[side × side]`.
    pub(crate) values: Vec<f64>,
}

impl Heat {
    /// Densities relative to the largest, from their logarithms.
    pub(crate) fn of_logs(side: usize, logs: &[f64]) -> Self {
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self {
            side,
            values: logs.iter().map(|log| (log - largest).exp()).collect(),
        }
    }
}

/// The centres of the cells, `[side² × 2]`.
pub(crate) fn centres(view: &Viewport, side: usize) -> Vec<[f64; 2]> {
    let at = |i: usize| (i as f64 + 0.5) / side as f64;
    (0..side * side)
        .map(|i| view.at_fraction([at(i % side), at(i / side)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centres_run_from_the_upper_left() {
        let centres = centres(&Viewport::HOME, 2);
        assert_eq!(
            centres,
            [[-1.5, 1.5], [1.5, 1.5], [-1.5, -1.5], [1.5, -1.5]]
        );
    }

    #[test]
    fn heat_is_relative_to_the_largest_density() {
        let heat = Heat::of_logs(
            2,
            &[-1000.0, -1000.0, -1000.0 + 2_f64.ln(), f64::NEG_INFINITY],
        );
        let expected = [0.5, 0.5, 1.0, 0.0];
        assert!(
            heat.values
                .iter()
                .zip(expected)
                .all(|(a, b)| (a - b).abs() < 1e-9)
        );
    }
}
