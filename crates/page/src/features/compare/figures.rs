//! What is computed of a model for an image: reconstruction, the parts of −ELBO, and a bound of log p(x).

use crate::latent::posterior::Posterior;
use crate::state::actions::Actions;
use client::JobError;
use estimate::{Bound, importance_bound, mean_and_error};
use protocol::evidence::{EvidenceQuery, EvidenceResult, Proposal};

/// Samples of q(z|x), and the K of the bound.
pub(super) const SAMPLES: usize = 500;
/// Samples of a query: short ones do not delay the stage.
const SAMPLES_AT_ONCE: usize = 100;
const SEED: u64 = 1;

/// The figures of a model for an image.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figures {
    /// The image that the decoder makes of μ, `[height, width, channels]`.
    pub(super) reconstruction: Vec<u8>,
    /// −E[log p(x|z)] with its standard error, in nats.
    pub(super) reconstruction_term: (f64, f64),
    /// KL(q(z|x) ‖ p(z)) of each dimension, in nats.
    pub(super) kl: Vec<f64>,
    /// The importance-weighted bound of log p(x), in nats.
    pub(super) bound: Option<Bound>,
}

impl Figures {
    /// Computes them for the current model of these actions and an image, `[height, width, channels]`.
    ///
    /// # Errors
    ///
    /// If the model changes meanwhile, or has no encoder.
    pub(super) async fn compute(actions: Actions, image: Vec<u8>) -> Result<Self, JobError> {
        let [mu, sigma] = actions.encode_batch(image.clone(), None).await?;
        let kl = mu.iter().zip(&sigma).map(|(&mu, &sigma)| {
            let posterior = Posterior { mu, sigma };
            f64::from(posterior.kl_from_prior())
        });
        let kl = kl.collect();
        let reconstruction = actions.decode_batch(mu).await?.images;
        let (mut weights, mut likelihoods) = (Vec::new(), Vec::new());
        for stream in 0..SAMPLES / SAMPLES_AT_ONCE {
            let query = EvidenceQuery::ImportanceWeights {
                proposal: Proposal::Posterior,
                count: SAMPLES_AT_ONCE,
                seed: SEED,
                stream: stream as u64,
            };
            let EvidenceResult::ImportanceWeights {
                log_weights,
                log_likelihood,
            } = actions.query(image.clone(), query).await?
            else {
                return Err(JobError::Failed("another result was expected".to_owned()));
            };
            weights.extend(log_weights);
            likelihoods.extend(log_likelihood);
        }
        let (mean, error) = mean_and_error(&likelihoods);
        Ok(Self {
            reconstruction,
            reconstruction_term: (-mean, error),
            kl,
            bound: importance_bound(&weights, SAMPLES),
        })
    }

    /// KL(q(z|x) ‖ p(z)), in nats.
    pub(super) fn kl_sum(&self) -> f64 {
        self.kl.iter().sum()
    }

    /// −ELBO with its standard error, in nats.
    pub(super) fn neg_elbo(&self) -> (f64, f64) {
        let (reconstruction, error) = self.reconstruction_term;
        (reconstruction + self.kl_sum(), error)
    }
}
