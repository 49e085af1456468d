//! log p(x) by sampling: from the prior, or by importance sampling from q(z|x).

use super::{
    Bound, EvidenceError, LogSum, check_encoder, check_image, check_number, check_rows,
    joint::log_likelihood,
};
use crate::{Condition, Noise, Vae};
use burn::tensor::{Device, Tensor, TensorData};
use estimate::importance_bound;

/// The largest number of samples in one [`LogWeights`].
pub const MAX_WEIGHTS: usize = 1_000_000;
/// Samples per decoder evaluation.
const BATCH: usize = 500;
/// The name of the number of samples in errors.
const SAMPLES: &str = "the number of samples";

/// The distribution that z is sampled from.
enum Proposal {
    /// p(z), with the weights p(x|z).
    Prior,
    /// q(z|x) = N(μ, diag σ²), with the weights p(x|z) p(z) / q(z|x).
    Posterior { mu: Vec<f64>, log_var: Vec<f64> },
}

/// log w of samples of z in nats, where w = p(x, z) divided by the density of the proposal. The mean of w is an unbiased
/// estimate of p(x); the expectation of its logarithm is a lower bound of log p(x).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LogWeights {
    logs: Vec<f64>,
    log_likelihood: Vec<f64>,
}

impl LogWeights {
    /// Naive Monte Carlo: z from the prior and w = p(x|z), so that p(x) ≈ 1/n Σ p(x|zᵢ) (notes, section 4.1).
    ///
    /// # Shapes
    /// - `image`: `[pixels]`, from 0 to 1
    /// - `class_weights`: `[classes]`; empty for an unconditional model
    ///
    /// # Errors
    /// When the image does not fit the model, `n` is 0 or above [`MAX_WEIGHTS`], or the device fails.
    pub async fn from_prior(
        model: &Vae,
        image: &[f32],
        class_weights: &[f32],
        n: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> Result<Self, EvidenceError> {
        check_image(image, model.input_size())?;
        Self::draw(
            model,
            image,
            class_weights,
            &Proposal::Prior,
            n,
            noise,
            device,
        )
        .await
    }

    /// Importance sampling from q(z|x): w = p(x|z) p(z) / q(z|x) (Burda et al. 2015, Equation 8).
    ///
    /// # Shapes, errors
    /// As [`from_prior`](Self::from_prior).
    pub async fn from_posterior(
        model: &Vae,
        image: &[f32],
        class_weights: &[f32],
        n: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> Result<Self, EvidenceError> {
        let proposal = Proposal::posterior(model, image, class_weights, device).await?;
        Self::draw(model, image, class_weights, &proposal, n, noise, device).await
    }

    /// As [`from_posterior`](Self::from_posterior), with given noise: z = μ + σ⊙ε for each row of ε.
    ///
    /// # Shapes
    /// - `eps`: `[n, latent]`, standard normal
    /// - the others as for [`from_prior`](Self::from_prior)
    ///
    /// # Errors
    /// As [`from_prior`](Self::from_prior), and when the last row of `eps` is incomplete.
    pub async fn from_posterior_with(
        model: &Vae,
        image: &[f32],
        class_weights: &[f32],
        eps: &[f32],
        device: &Device,
    ) -> Result<Self, EvidenceError> {
        let latent = model.latent_size();
        check_rows("the last row of ε", eps, latent)?;
        check_number(SAMPLES, eps.len() / latent, [1, MAX_WEIGHTS])?;
        let proposal = Proposal::posterior(model, image, class_weights, device).await?;
        let mut all = Self::default();
        for rows in eps.chunks(BATCH * latent) {
            all.add_samples(model, image, class_weights, &proposal, rows, device)
                .await?;
        }
        Ok(all)
    }

    async fn draw(
        model: &Vae,
        image: &[f32],
        class_weights: &[f32],
        proposal: &Proposal,
        n: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> Result<Self, EvidenceError> {
        check_number(SAMPLES, n, [1, MAX_WEIGHTS])?;
        let mut all = Self::default();
        while all.logs.len() < n {
            let count = BATCH.min(n - all.logs.len());
            let eps = noise.values(count * model.latent_size());
            all.add_samples(model, image, class_weights, proposal, &eps, device)
                .await?;
        }
        Ok(all)
    }

    /// Adds the samples for some rows of ε.
    async fn add_samples(
        &mut self,
        model: &Vae,
        image: &[f32],
        class_weights: &[f32],
        proposal: &Proposal,
        eps: &[f32],
        device: &Device,
    ) -> Result<(), EvidenceError> {
        let (z, log_ratios) = proposal.sample(eps, model.latent_size());
        let logs = log_likelihood(model, image, class_weights, z, device).await?;
        let all = logs.iter().zip(log_ratios);
        self.logs
            .extend(all.map(|(log_prob, ratio)| log_prob + ratio));
        self.log_likelihood.extend(logs);
        Ok(())
    }

    /// log w of each sample, in nats.
    pub fn logs(&self) -> &[f64] {
        &self.logs
    }

    /// log p(x|z) of each sample, in nats. For z from q(z|x), their mean is the ELBO's reconstruction term (notes,
    /// Equation 24).
    pub fn log_likelihood(&self) -> &[f64] {
        &self.log_likelihood
    }

    /// Appends the samples of another draw.
    pub fn extend(&mut self, more: Self) {
        self.logs.extend(more.logs);
        self.log_likelihood.extend(more.log_likelihood);
    }

    /// All samples combined: the estimate of log p(x), its error and the effective sample size.
    pub fn all(&self) -> LogSum {
        self.logs.iter().copied().collect()
    }

    /// The importance-weighted bound L_K; see [`importance_bound`].
    ///
    /// # Errors
    /// [`EvidenceError::OutOfBounds`] if `k` is 0 or larger than the number of samples.
    pub fn bound(&self, k: usize) -> Result<Bound, EvidenceError> {
        importance_bound(&self.logs, k).ok_or(EvidenceError::OutOfBounds {
            what: "K",
            found: k,
            least: 1,
            most: self.logs.len(),
        })
    }
}

impl Proposal {
    /// q(z|x).
    async fn posterior(
        model: &Vae,
        image: &[f32],
        class_weights: &[f32],
        device: &Device,
    ) -> Result<Self, EvidenceError> {
        check_image(image, model.input_size())?;
        check_encoder(model)?;
        let x = TensorData::new(image.to_vec(), [1, image.len()]);
        let condition = Condition::shared(class_weights, 1, device);
        let q = model
            .encoder
            .forward(Tensor::from_data(x, device), &condition);
        let mu = q.mu.into_data_async().await?.iter().collect();
        let log_var = q.log_var.into_data_async().await?.iter().collect();
        Ok(Self::Posterior { mu, log_var })
    }

    /// z for each ε, `[n, latent]`, and log p(z) − log q(z) of each, `[n]`; 0 for the prior.
    fn sample(&self, eps: &[f32], latent: usize) -> (Vec<f32>, Vec<f64>) {
        let rows = eps.chunks_exact(latent);
        match self {
            Self::Prior => (eps.to_vec(), rows.map(|_| 0.0).collect()),
            Self::Posterior { mu, log_var } => {
                let mut z = Vec::with_capacity(eps.len());
                let log_ratios = rows
                    .map(|row| {
                        let terms = row.iter().zip(mu.iter().zip(log_var));
                        terms
                            .map(|(&eps, (mu, log_var))| {
                                let eps = f64::from(eps);
                                // Rounded, as the decoder receives it.
                                let z_i = (mu + (0.5 * log_var).exp() * eps) as f32;
                                z.push(z_i);
                                let z_i = f64::from(z_i);
                                // ½ log 2π cancels.
                                0.5 * (eps * eps + log_var - z_i * z_i)
                            })
                            .sum()
                    })
                    .collect();
                (z, log_ratios)
            }
        }
    }
}
