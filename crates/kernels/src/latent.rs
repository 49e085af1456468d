//! The latent layer: a sample of q(z|x), its KL divergence from the prior, and the gradients of both.

use crate::denormal::flush_gradient;

/// Lower bound of log σ²: σ ≥ 0.0067. Below it, 1/σ² amplifies rounding errors until training diverges.
pub const LOG_VAR_MIN: f32 = -10.0;
/// Upper bound of log σ²: σ ≤ 20. Above it, one bad batch can overflow exp.
pub const LOG_VAR_MAX: f32 = 6.0;

/// The output of the encoder's two heads, and the ε with which z is sampled; `[n, latent]` each.
#[derive(Debug, Clone, Copy)]
pub struct LatentLayer<'a> {
    /// μ.
    pub mu: &'a [f32],
    /// log σ², not yet clamped.
    pub log_var: &'a [f32],
    /// ε, standard normal.
    pub eps: &'a [f32],
}

/// log σ² clamped to its bounds. NaN stays NaN.
pub(crate) fn clamp_log_var(log_var: f32) -> f32 {
    log_var.clamp(LOG_VAR_MIN, LOG_VAR_MAX)
}

/// σ from log σ², which is clamped to its bounds first.
pub fn sigma(log_var: f32) -> f32 {
    (0.5 * clamp_log_var(log_var)).exp()
}

impl LatentLayer<'_> {
    /// z = μ + σ⊙ε (the reparameterization trick; Kingma & Welling 2013, section 2.4), and
    /// KL(N(μ, σ²) ‖ N(0, 1)) of each image and dimension in nats (their appendix B); `[n, latent]` both.
    pub fn reparameterize(&self) -> (Vec<f32>, Vec<f32>) {
        let heads = self.mu.iter().zip(self.log_var).zip(self.eps);
        heads
            .map(|((&mu, &log_var), &eps)| {
                let log_var = clamp_log_var(log_var);
                let sigma = (0.5 * log_var).exp();
                let kl = (mu * mu + log_var.exp() - log_var - 1.0) * 0.5;
                (mu + sigma * eps, kl)
            })
            .unzip()
    }

    /// The loss's gradients for μ and log σ², `[n, latent]` each. Where log σ² was clamped, its gradient is 0.
    ///
    /// # Shapes
    /// - `dz`: the gradient for the decoder's input, rows of `row_width` values of which the first `latent` belong to z
    /// - `kl_weight`: the weight of each image's KL divergence in the loss
    pub fn backward(
        &self,
        dz: &[f32],
        row_width: usize,
        latent: usize,
        kl_weight: f32,
    ) -> (Vec<f32>, Vec<f32>) {
        let dz = dz.chunks_exact(row_width).flat_map(|row| &row[..latent]);
        let heads = self.mu.iter().zip(self.log_var).zip(self.eps);
        dz.zip(heads)
            .map(|(&dz, ((&mu, &raw), &eps))| {
                let log_var = clamp_log_var(raw);
                let sigma = (0.5 * log_var).exp();
                let d_log_var = 0.5 * (dz * eps * sigma + kl_weight * (log_var.exp() - 1.0));
                let d_log_var = if raw == log_var { d_log_var } else { 0.0 };
                let d_mu = dz + kl_weight * mu;
                (flush_gradient(d_mu), flush_gradient(d_log_var))
            })
            .unzip()
    }
}
