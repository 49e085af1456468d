//! A diagonal Gaussian over the latent plane.

use std::f64::consts::{E, TAU};

/// The smallest and the largest σ that is used.
pub(crate) const SIGMA_LIMITS: [f64; 2] = [0.01, 3.0];

/// N(μ, diag σ²).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Gaussian {
    /// The mean.
    pub(crate) mu: [f64; 2],
    /// The standard deviations.
    pub(crate) sigma: [f64; 2],
}

impl Gaussian {
    /// From the encoder's output; `None` unless it has two dimensions.
    pub(crate) fn of_encoder(mu: &[f32], sigma: &[f32]) -> Option<Self> {
        match (mu, sigma) {
            ([a, b], [c, d]) => Some(Self {
                mu: [f64::from(*a), f64::from(*b)],
                sigma: [f64::from(*c), f64::from(*d)],
            }),
            _ => None,
        }
    }

    /// Limits μ to −6 to 6 and σ to [`SIGMA_LIMITS`].
    pub(crate) fn clamped(self) -> Self {
        let [least, most] = SIGMA_LIMITS;
        Self {
            mu: self.mu.map(|mu| mu.clamp(-6.0, 6.0)),
            sigma: self.sigma.map(|sigma| sigma.clamp(least, most)),
        }
    }

    /// The same mean, with σ times a factor.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self {
            sigma: self.sigma.map(|sigma| sigma * factor),
            ..self
        }
    }

    /// E_q[log q(z|x)], the negative entropy, in nats.
    pub(crate) fn expected_log_density(self) -> f64 {
        let of = |sigma: f64| -0.5 * (TAU * E).ln() - sigma.ln();
        self.sigma.map(of).iter().sum()
    }

    /// E_q[log p(z)] for the prior N(0, I), in nats.
    pub(crate) fn expected_log_prior(self) -> f64 {
        let of = |i: usize| -0.5 * (self.mu[i].powi(2) + self.sigma[i].powi(2) + TAU.ln());
        of(0) + of(1)
    }

    /// KL(q ‖ p(z)), in nats.
    pub(crate) fn kl_from_prior(self) -> f64 {
        self.expected_log_density() - self.expected_log_prior()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaussian_kl_from_prior_has_the_closed_form() {
        let q = Gaussian {
            mu: [0.5, -1.0],
            sigma: [0.2, 1.5],
        };
        let closed: f64 = (0..2)
            .map(|i| 0.5 * (q.mu[i].powi(2) + q.sigma[i].powi(2) - 1.0) - q.sigma[i].ln())
            .sum();
        assert!((q.kl_from_prior() - closed).abs() < 1e-12);
        let prior = Gaussian {
            mu: [0.0; 2],
            sigma: [1.0; 2],
        };
        assert!(prior.kl_from_prior().abs() < 1e-12);
    }
}
