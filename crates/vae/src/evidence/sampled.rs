//! log p(x) by sampling: from the prior, or weighted from q(z|x).

use super::{
    Bound, EvidenceError, LogSum, check_image, check_number, check_rows, joint::log_likelihood,
};
use crate::{Condition, Noise, Vae};
use burn::tensor::{Device, Tensor, TensorData};
use estimate::importance_bound;

/// The most samples in one [`LogWeights`].
pub const MAX_WEIGHTS: usize = 1_000_000;
/// Samples that the decoder is given at a time.
const BATCH: usize = 500;
/// What errors call them.
const SAMPLES: &str = "the number of samples";

/// Where the samples of z come from.
enum Proposal {
    /// p(z): the weights are p(x|z).
    Prior,
    /// N(μ, diag σ²): the weights are p(x|z) p(z) / q(z|x).
    Posterior { mu: Vec<f64>, log_var: Vec<f64> },
}

/// log w of samples of z, w = p(x, z) / (the density that z was drawn from), in nats: the mean of w is an
/// unbiased estimate of p(x), its logarithm a bound from below in the mean.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LogWeights {
    logs: Vec<f64>,
    log_likelihood: Vec<f64>,
}

impl LogWeights {
    /// The naive estimate's: z from the prior, w = p(x|z), so that p(x) ≈ 1/n Σ p(x|zᵢ) (notes, section 4.1).
    ///
    /// # Shapes
    /// - `image`: `[pixels]`, from 0 to 1
    /// - `class_weights`: `[classes]`; none for a model that takes no label
    ///
    /// # Errors
    /// When the image is not the model's, `n` is 0 or above [`MAX_WEIGHTS`], or the device fails.
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

    /// Importance weights, with q(z|x) to draw from: w = p(x|z) p(z) / q(z|x) (Burda et al. 2015, Equation 8).
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

    /// The same for noise that is given: z = μ + σ⊙ε for each row of ε.
    ///
    /// # Shapes
    /// - `eps`: `[n × latent]`, standard normal
    /// - the others as for [`from_prior`](Self::from_prior)
    ///
    /// # Errors
    /// As [`from_prior`](Self::from_prior), and when `eps` is no whole number of rows.
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
            all.weigh(model, image, class_weights, &proposal, rows, device)
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
            all.weigh(model, image, class_weights, proposal, &eps, device)
                .await?;
        }
        Ok(all)
    }

    /// Takes in the samples that some rows of ε come to.
    async fn weigh(
        &mut self,
        model: &Vae,
        image: &[f32],
        class_weights: &[f32],
        proposal: &Proposal,
        eps: &[f32],
        device: &Device,
    ) -> Result<(), EvidenceError> {
        let (z, ratios) = proposal.place(eps, model.latent_size());
        let logs = log_likelihood(model, image, class_weights, z, device).await?;
        let all = logs.iter().zip(ratios);
        self.logs
            .extend(all.map(|(log_prob, ratio)| log_prob + ratio));
        self.log_likelihood.extend(logs);
        Ok(())
    }

    /// log w of each sample.
    pub fn logs(&self) -> &[f64] {
        &self.logs
    }

    /// log p(x|z) of each sample: with z from q(z|x), their mean is the ELBO's reconstruction term (notes,
    /// Equation 24).
    pub fn log_likelihood(&self) -> &[f64] {
        &self.log_likelihood
    }

    /// Takes the samples of another draw in.
    pub fn extend(&mut self, more: Self) {
        self.logs.extend(more.logs);
        self.log_likelihood.extend(more.log_likelihood);
    }

    /// All samples as one: the estimate of p(x), its error and the effective sample size.
    pub fn all(&self) -> LogSum {
        self.logs.iter().copied().collect()
    }

    /// The importance-weighted bound L_K = E[log 1/K Σ wᵢ] (Burda et al. 2015, Equation 8), the mean over as
    /// many groups of `k` samples as there are. K = 1 is the ELBO (notes, Equation 24); the bound rises with
    /// K, towards log p(x).
    ///
    /// # Errors
    /// [`EvidenceError::OutOfBounds`] for a `k` of 0, or of more samples than there are.
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
        let x = TensorData::new(image.to_vec(), [1, image.len()]);
        let condition = Condition::shared(class_weights, 1, device);
        let q = model
            .encoder
            .forward(Tensor::from_data(x, device), &condition);
        let mu = q.mu.into_data_async().await?.iter().collect();
        let log_var = q.log_var.into_data_async().await?.iter().collect();
        Ok(Self::Posterior { mu, log_var })
    }

    /// z for each ε, row by row, and log p(z) − log q(z) of each.
    fn place(&self, eps: &[f32], latent: usize) -> (Vec<f32>, Vec<f64>) {
        let rows = eps.chunks_exact(latent);
        match self {
            Self::Prior => (eps.to_vec(), rows.map(|_| 0.0).collect()),
            Self::Posterior { mu, log_var } => {
                let mut z = Vec::with_capacity(eps.len());
                let ratios = rows
                    .map(|row| {
                        let terms = row.iter().zip(mu.iter().zip(log_var));
                        terms
                            .map(|(&eps, (mu, log_var))| {
                                let eps = f64::from(eps);
                                // As the decoder will see it.
                                let at = (mu + (0.5 * log_var).exp() * eps) as f32;
                                z.push(at);
                                let at = f64::from(at);
                                // ½ log 2π is in both.
                                0.5 * (eps * eps + log_var - at * at)
                            })
                            .sum()
                    })
                    .collect();
                (z, ratios)
            }
        }
    }
}
