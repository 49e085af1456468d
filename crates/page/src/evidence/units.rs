//! Which latent dimensions are of use, over many encoded digits.

use crate::{latent::posterior::Posterior, map::points::Points};

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

/// Each dimension, over the digits that are encoded; none without digits.
pub(crate) fn units(points: &Points) -> Vec<Unit> {
    let n = points.each().len() as f64;
    if n < 2.0 {
        return Vec::new();
    }
    let values = |dimension: usize| {
        let pairs = points.each().zip(points.each_sigma());
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
}
