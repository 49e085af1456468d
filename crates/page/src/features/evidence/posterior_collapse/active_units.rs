//! Statistics of each latent dimension over many encoded images.

use crate::features::latent_map::points::Points;
use crate::latent::{argsort::argsort_descending, posterior::Posterior};

/// A dimension is active if the variance of μ over the images exceeds this (Burda et al. 2015).
const ACTIVE_THRESHOLD: f64 = 0.01;

/// Statistics of one latent dimension ("unit").
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unit {
    /// Mean of KL(q(z|x) ‖ p(z)) over the images, in nats.
    pub(crate) kl: f64,
    /// Variance of μ over the images.
    pub(crate) mean_variance: f64,
    /// Mean and variance of the aggregate posterior 1/n Σ q(z|x); 0 and 1 if it equals the prior.
    pub(crate) aggregate: [f64; 2],
}

impl Unit {
    /// Whether the dimension distinguishes images.
    pub(crate) fn is_active(&self) -> bool {
        self.mean_variance > ACTIVE_THRESHOLD
    }
}

/// Statistics of a model, saved for comparison with another one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UnitsSnapshot {
    /// The model's name.
    pub(crate) model: String,
    /// Its dimensions by decreasing KL.
    pub(crate) ranked: Vec<Unit>,
}

impl UnitsSnapshot {
    /// A snapshot of a model's dimensions.
    pub(crate) fn new(model: String, units: &[Unit]) -> Self {
        let ranked = by_kl(units).into_iter().map(|(_, unit)| unit).collect();
        Self { model, ranked }
    }

    /// Number of active dimensions.
    pub(crate) fn active(&self) -> usize {
        self.ranked.iter().filter(|unit| unit.is_active()).count()
    }

    /// KL(q(z|x) ‖ p(z)) summed over all dimensions, in nats per image.
    pub(crate) fn kl(&self) -> f64 {
        self.ranked.iter().map(|unit| unit.kl).sum()
    }
}

/// Dimensions with their indices, by decreasing KL.
pub(super) fn by_kl(units: &[Unit]) -> Vec<(usize, Unit)> {
    let kl: Vec<f64> = units.iter().map(|unit| unit.kl).collect();
    let order = argsort_descending(&kl);
    order.into_iter().map(|i| (i, units[i])).collect()
}

/// Statistics of each dimension over the encoded images; empty for fewer than two.
pub(crate) fn units(points: &Points) -> Vec<Unit> {
    let n = points.means_by_image().len() as f64;
    if n < 2.0 {
        return Vec::new();
    }
    let values = |dimension: usize| {
        let pairs = points.means_by_image().zip(points.sigmas_by_image());
        pairs.map(move |(mu, sigma)| Posterior {
            mu: mu[dimension],
            sigma: sigma[dimension],
        })
    };
    (0..points.latent)
        .map(|dimension| {
            let mean_of =
                |of: &dyn Fn(Posterior) -> f64| values(dimension).map(of).sum::<f64>() / n;
            let mean = mean_of(&|q| f64::from(q.mu));
            let mean_variance = mean_of(&|q| (f64::from(q.mu) - mean).powi(2));
            Unit {
                kl: mean_of(&|q| f64::from(q.kl_from_prior())),
                mean_variance,
                // Variance of a mixture: the variance of the means plus the mean of the variances.
                aggregate: [
                    mean,
                    mean_variance + mean_of(&|q| f64::from(q.sigma).powi(2)),
                ],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_a_collapsed_dimension_are_inactive() {
        let points = Points {
            latent: 2,
            means: vec![1.0, 0.0, -1.0, 0.0],
            sigmas: vec![0.5, 1.0, 0.5, 1.0],
            ..Points::default()
        };
        let units = units(&points);
        assert!(units[0].is_active() && !units[1].is_active());
        assert_eq!(units[1].kl, 0.0);
        assert_eq!(units[0].aggregate, [0.0, 1.25]);
        assert_eq!(units[1].aggregate, [0.0, 1.0]);
        assert!(super::units(&Points::default()).is_empty());
    }

    #[test]
    fn units_snapshot_is_sorted_by_kl() {
        let unit = |kl, mean_variance| Unit {
            kl,
            mean_variance,
            aggregate: [0.0, 1.0],
        };
        let snapshot = UnitsSnapshot::new("a".into(), &[unit(0.5, 0.0), unit(3.0, 0.9)]);
        let ranked: Vec<f64> = snapshot.ranked.iter().map(|unit| unit.kl).collect();
        assert_eq!(ranked, [3.0, 0.5]);
        assert_eq!((snapshot.active(), snapshot.kl()), (1, 3.5));
    }
}
