//! Between encoder and decoder: a sample of q(z|x), its divergence from the prior, and the gradients of both.

use super::flush;
use crate::{LOG_VAR_MAX, LOG_VAR_MIN};

/// What the encoder's heads gave, `[n × latent]` each, and the ε that z is drawn with.
pub(super) struct Latent<'a> {
    pub(super) mu: &'a [f32],
    /// log σ² before it is clamped.
    pub(super) log_var: &'a [f32],
    pub(super) eps: &'a [f32],
}

/// log σ² within its bounds. What is no number stays none.
fn clamped(log_var: f32) -> f32 {
    log_var.clamp(LOG_VAR_MIN as f32, LOG_VAR_MAX as f32)
}

impl Latent<'_> {
    /// z = μ + σ⊙ε and the KL of each image and dimension, `[n × latent]` both.
    pub(super) fn sample(&self) -> (Vec<f32>, Vec<f32>) {
        let heads = self.mu.iter().zip(self.log_var).zip(self.eps);
        heads
            .map(|((&mu, &log_var), &eps)| {
                let log_var = clamped(log_var);
                let sigma = (0.5 * log_var).exp();
                let kl = (mu * mu + log_var.exp() - log_var - 1.0) * 0.5;
                (mu + sigma * eps, kl)
            })
            .unzip()
    }

    /// The gradients for μ and log σ², `[n × latent]` each.
    ///
    /// # Shapes
    /// - `z`: the loss's gradient for z, rows of `width` numbers that begin with the `latent` of z
    /// - `weight`: what KL counts in the loss, of each image
    pub(super) fn gradients(
        &self,
        z: &[f32],
        width: usize,
        latent: usize,
        weight: f32,
    ) -> (Vec<f32>, Vec<f32>) {
        let z = z.chunks_exact(width).flat_map(|row| &row[..latent]);
        let heads = self.mu.iter().zip(self.log_var).zip(self.eps);
        z.zip(heads)
            .map(|(&by_z, ((&mu, &raw), &eps))| {
                let log_var = clamped(raw);
                let sigma = (0.5 * log_var).exp();
                let by_log_var = 0.5 * (by_z * eps * sigma + weight * (log_var.exp() - 1.0));
                let free = raw == log_var;
                let by_log_var = if free { by_log_var } else { 0.0 };
                let by_mu = by_z + weight * mu;
                (flush(by_mu), flush(by_log_var))
            })
            .unzip()
    }
}
