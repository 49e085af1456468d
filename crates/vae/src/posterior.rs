//! Diagonal Gaussians: q(z|x), its samples and its KL divergence from the prior.

use burn::tensor::Tensor;

/// Lower bound of log σ²; see [`kernels::latent::LOG_VAR_MIN`].
pub const LOG_VAR_MIN: f64 = kernels::latent::LOG_VAR_MIN as f64;
/// Upper bound of log σ²; see [`kernels::latent::LOG_VAR_MAX`].
pub const LOG_VAR_MAX: f64 = kernels::latent::LOG_VAR_MAX as f64;

/// A batch of Gaussians N(μ, diag σ²), one per image.
#[derive(Debug, Clone)]
pub struct DiagonalGaussian {
    /// μ, `[n, latent]`.
    pub mu: Tensor<2>,
    /// log σ², `[n, latent]`, within [`LOG_VAR_MIN`] and [`LOG_VAR_MAX`].
    pub log_var: Tensor<2>,
}

impl DiagonalGaussian {
    /// From μ and log σ², both `[n, latent]`; log σ² is clamped.
    pub fn new(mu: Tensor<2>, log_var: Tensor<2>) -> Self {
        Self {
            mu,
            log_var: log_var.clamp(LOG_VAR_MIN, LOG_VAR_MAX),
        }
    }

    /// The reparameterization trick, z = μ + σ⊙ε (notes, section 7 and Figure 6; Kingma & Welling,
    /// section 2.4): z is a sample of this Gaussian when ε is one of N(0, I), and gradients reach
    /// μ and σ.
    ///
    /// # Shapes
    /// - `eps`: `[n, latent]`
    /// - result: `[n, latent]`
    pub fn reparameterize(&self, eps: Tensor<2>) -> Tensor<2> {
        self.mu.clone() + self.std() * eps
    }

    /// σ, `[n, latent]`.
    pub fn std(&self) -> Tensor<2> {
        self.log_var.clone().mul_scalar(0.5).exp()
    }

    /// KL(N(μ, diag σ²) ‖ N(0, I)) in closed form, for each dimension: −½ (1 + log σ² − μ² − σ²), in nats (Kingma & Welling,
    /// appendix B).
    ///
    /// # Shapes
    /// - result: `[n, latent]`; the sum over the last axis is the divergence
    pub fn kl_from_prior(&self) -> Tensor<2> {
        (self.mu.clone().square() + self.log_var.clone().exp() - self.log_var.clone())
            .sub_scalar(1.0)
            .mul_scalar(0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Noise;
    use burn::tensor::Device;

    #[test]
    fn kl_from_prior_of_the_prior_is_zero() {
        let device = Device::flex();
        let q = DiagonalGaussian::new(
            Tensor::zeros([1, 3], &device),
            Tensor::zeros([1, 3], &device),
        );
        assert_eq!(q.kl_from_prior().sum().into_scalar::<f32>(), 0.0);
    }

    /// KL = E_q[log q(z) − log p(z)], by sampling, agrees with the closed form within 4 standard
    /// errors.
    #[test]
    fn kl_from_prior_agrees_with_monte_carlo() {
        let device = Device::flex();
        let (mu, log_var) = (0.7_f64, -1.2_f64);
        let n = 200_000;
        let q = DiagonalGaussian::new(
            Tensor::full([1, 1], mu, &device),
            Tensor::full([1, 1], log_var, &device),
        );
        let closed = f64::from(q.kl_from_prior().into_scalar::<f32>());
        let eps = Noise::seeded(1, 0)
            .normal([n, 1], &device)
            .into_data()
            .try_to_vec::<f32>()
            .expect("f32");
        let terms: Vec<f64> = eps
            .iter()
            .map(|&e| {
                let e = f64::from(e);
                let z = mu + (log_var / 2.0).exp() * e;
                // ½ log 2π cancels.
                (-0.5 * log_var - 0.5 * e * e) - (-0.5 * z * z)
            })
            .collect();
        let mean = terms.iter().sum::<f64>() / n as f64;
        let variance = terms.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (n as f64 - 1.0);
        let standard_error = (variance / n as f64).sqrt();
        assert!(
            (mean - closed).abs() < 4.0 * standard_error,
            "Monte Carlo {mean} ± {standard_error}, closed form {closed}"
        );
    }

    #[test]
    fn diagonal_gaussian_clamps_the_log_variance() {
        let device = Device::flex();
        let q = DiagonalGaussian::new(
            Tensor::zeros([1, 2], &device),
            Tensor::from_floats([[-50.0, 50.0]], &device),
        );
        assert_eq!(
            q.log_var.into_data().try_to_vec::<f32>().expect("f32"),
            [-10.0, 6.0]
        );
    }
}
