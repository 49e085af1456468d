//! Scale of the latent map's axes: converts coordinates, in units of z, to map positions and back.

use crate::latent::LATENT_LIMIT;
use estimate::{normal_cdf, normal_quantile};

/// Scale of the map's axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Scale {
    /// Linear in z.
    #[default]
    Linear,
    /// Equal areas of the map, which covers −3 to 3, have equal probability under the prior, as in Figure 4 of
    /// Kingma & Welling (2013).
    Quantile,
}

/// Smallest tail probability on the quantile scale; beyond it, the quantile would be infinite.
const MIN_TAIL: f64 = 1e-9;

impl Scale {
    /// Map position of a coordinate.
    pub(crate) fn to_map(self, coordinate: f64) -> f64 {
        match self {
            Self::Linear => coordinate,
            Self::Quantile => 6.0 * normal_cdf(coordinate) - 3.0,
        }
    }

    /// Coordinate of a map position, clamped to ±[`LATENT_LIMIT`] on the quantile scale.
    pub(crate) fn coordinate_at(self, position: f64) -> f64 {
        match self {
            Self::Linear => position,
            Self::Quantile => {
                let probability = (position / 6.0 + 0.5).clamp(MIN_TAIL, 1.0 - MIN_TAIL);
                normal_quantile(probability)
                    .clamp(-f64::from(LATENT_LIMIT), f64::from(LATENT_LIMIT))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_scale_gives_equal_areas_equal_probability() {
        let edges: Vec<f64> = [-1.5, 0.0, 1.5]
            .map(|at| Scale::Quantile.coordinate_at(at))
            .to_vec();
        let quartile = 0.674_489_750_196_081_7;
        assert!((edges[0] + quartile).abs() < 1e-9 && edges[1].abs() < 1e-9);
        assert!((edges[2] - quartile).abs() < 1e-9);
        assert_eq!(
            Scale::Quantile.coordinate_at(5.0),
            Scale::Quantile.coordinate_at(3.0)
        );
        assert!(Scale::Quantile.coordinate_at(3.0) < f64::from(LATENT_LIMIT) + 1e-9);
    }
}
