//! Which latent dimensions are of use, over many encoded digits.

use crate::features::latent_map::points::Points;
use crate::latent::posterior::Posterior;

/// A dimension is active when μ varies by more than this over the digits (Burda et al. 2015).
const ACTIVE: f64 = 0.01;

/// One latent dimension over many digits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Unit {
    /// KL(q(z|x) ‖ p(z)) in the mean, in nats.
    pub(crate) kl: f64,
    /// The variance of μ over the digits.
    pub(crate) spread: f64,
    /// The mean and the variance of the aggregate posterior, 1/n Σ q(z|x): 0 and 1 where it is the prior.
    pub(crate) aggregate: [f64; 2],
}

impl Unit {
    /// Whether the dimension tells digits apart.
    pub(crate) fn is_active(&self) -> bool {
        self.spread > ACTIVE
    }
}

/// What was found of a model, kept to be compared with another, or with itself after more training.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UnitsSnapshot {
    /// The model's name.
    pub(crate) model: String,
    /// Its dimensions, the one that says most first.
    pub(crate) ranked: Vec<Unit>,
}

impl UnitsSnapshot {
    /// What is found now.
    pub(crate) fn of(model: String, units: &[Unit]) -> Self {
        let mut ranked = units.to_vec();
        ranked.sort_by(|a, b| b.kl.total_cmp(&a.kl));
        Self { model, ranked }
    }

    /// Number of active dimensions.
    pub(crate) fn active(&self) -> usize {
        self.ranked.iter().filter(|unit| unit.is_active()).count()
    }

    /// KL(q(z|x) ‖ p(z)) over all dimensions, in nats a digit.
    pub(crate) fn kl(&self) -> f64 {
        self.ranked.iter().map(|unit| unit.kl).sum()
    }
}

/// Each dimension, over the digits that are encoded; none without digits.
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
            let spread = mean_of(&|q| (f64::from(q.mu) - mean).powi(2));
            Unit {
                kl: mean_of(&|q| f64::from(q.kl_from_prior())),
                spread,
                // A mixture's variance: that of the means, and the mean of the variances.
                aggregate: [mean, spread + mean_of(&|q| f64::from(q.sigma).powi(2))],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dimension_that_says_nothing_is_not_active() {
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
    fn what_is_kept_is_ranked_by_what_it_says() {
        let unit = |kl, spread| Unit {
            kl,
            spread,
            aggregate: [0.0, 1.0],
        };
        let kept = UnitsSnapshot::of("a".into(), &[unit(0.5, 0.0), unit(3.0, 0.9)]);
        let ranked: Vec<f64> = kept.ranked.iter().map(|unit| unit.kl).collect();
        assert_eq!(ranked, [3.0, 0.5]);
        assert_eq!((kept.active(), kept.kl()), (1, 3.5));
    }
}
