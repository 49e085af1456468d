//! One dimension of the approximate posterior q(z|x) = N(μ, σ²).

/// One dimension of a diagonal Gaussian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Posterior {
    /// Mean.
    pub(crate) mu: f32,
    /// Standard deviation, positive.
    pub(crate) sigma: f32,
}

impl Posterior {
    /// z = μ + σε (notes, section 7 and Figure 6).
    pub(crate) fn reparameterize(self, epsilon: f32) -> f32 {
        self.mu + self.sigma * epsilon
    }

    /// The ε for which z = μ + σε.
    pub(crate) fn epsilon(self, z: f32) -> f32 {
        (z - self.mu) / self.sigma
    }

    /// KL(N(μ, σ²) ‖ N(0, 1)) = ½ (μ² + σ² − 1 − ln σ²), in nats (Kingma & Welling, appendix B).
    pub(crate) fn kl_from_prior(self) -> f32 {
        let Self { mu, sigma } = self;
        0.5 * (mu * mu + sigma * sigma - 1.0) - sigma.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epsilon_inverts_reparameterize() {
        let q = Posterior {
            mu: 0.5,
            sigma: 0.25,
        };
        assert_eq!(q.reparameterize(-2.0), 0.0);
        assert_eq!(q.epsilon(0.0), -2.0);
        assert_eq!(q.epsilon(0.5), 0.0);
    }

    /// ∫ q (ln q − ln p), by the trapezoidal rule.
    #[test]
    fn kl_from_prior_equals_the_integral() {
        let log_normal = |x: f64, mu: f64, sigma: f64| {
            -0.5 * ((x - mu) / sigma).powi(2) - sigma.ln() - 0.5 * std::f64::consts::TAU.ln()
        };
        for (mu, sigma) in [(0.0, 1.0), (1.5, 0.2), (-0.3, 2.0)] {
            let step = 1e-3;
            let integral: f64 = (-20_000..20_000)
                .map(|i| {
                    let x = f64::from(i) * step;
                    let log_q = log_normal(x, mu, sigma);
                    log_q.exp() * (log_q - log_normal(x, 0.0, 1.0)) * step
                })
                .sum();
            let kl = Posterior {
                mu: mu as f32,
                sigma: sigma as f32,
            }
            .kl_from_prior();
            assert!((f64::from(kl) - integral).abs() < 1e-5, "{kl}, {integral}");
        }
    }
}
