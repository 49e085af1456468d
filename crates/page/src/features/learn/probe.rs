//! What figures and questions ask the engine about the reader's image.

use crate::features::learn::gaussian_search::expectation::{Expectation, expectation, points};
use crate::features::learn::gaussian_search::gaussian::Gaussian;
use crate::state::actions::Actions;
use crate::state::engine_view::{Encoded, EngineView};
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;
use protocol::evidence::{EvidenceQuery, EvidenceResult, McmcPath, Moments, Proposal, Quadrature};
use protocol::{McmcKernel, ModelInfo};
use std::sync::Arc;

/// The most points, samples or transitions of a query.
const BATCH: usize = 500;
/// Adaptive quadrature stops when a refinement changes the result by less than this, in nats.
const TOLERANCE: f64 = 2e-3;
/// Largest number of refinements.
const MAX_REFINEMENTS: usize = 7;

/// See the [module](self).
#[derive(Clone, Copy)]
pub(crate) struct Probe {
    pub(crate) actions: Actions,
    pub(crate) view: EngineView,
    pub(crate) latent: LatentVector,
}

impl Probe {
    /// From the contexts of the current owner.
    pub(crate) fn new() -> Self {
        Self {
            actions: expect_context(),
            view: expect_context(),
            latent: expect_context(),
        }
    }

    /// The image with the encoder's answer. Untracked.
    pub(crate) fn encoded(self) -> Result<Arc<Encoded>, String> {
        self.view
            .encoded
            .get_untracked()
            .ok_or_else(|| "Choose an image first.".to_owned())
    }

    /// The current model. Untracked.
    pub(crate) fn model(self) -> Result<ModelInfo, String> {
        self.view
            .model
            .get_untracked()
            .ok_or_else(|| "The model is still loading.".to_owned())
    }

    /// Fails unless log p(x) can be computed by quadrature.
    fn has_quadrature(self) -> Result<(), String> {
        self.two_d()?;
        match self.model()?.has_quadrature() {
            true => Ok(()),
            false => Err(
                "This needs a Bernoulli or Gaussian likelihood; that of the current model is a discretized logistic. \
                 Choose another model in the top bar."
                    .to_owned(),
            ),
        }
    }

    /// Fails unless the model has two latent dimensions.
    pub(crate) fn two_d(self) -> Result<(), String> {
        match self.model()?.latent_size {
            2 => Ok(()),
            size => Err(format!(
                "This needs a model with two latent dimensions; the current one has {size}. Choose one in the top bar."
            )),
        }
    }

    /// The encoder's q(z|x).
    pub(crate) fn encoder(self) -> Result<Gaussian, String> {
        self.two_d()?;
        let encoded = self.encoded()?;
        Gaussian::of_encoder(&encoded.mu, &encoded.sigma)
            .ok_or_else(|| "The image is being encoded; try again in a moment.".to_owned())
    }

    async fn query(self, query: EvidenceQuery) -> Result<EvidenceResult, String> {
        let image = self.encoded()?.image.pixels.clone();
        let result = self.actions.query(image, query).await;
        result.map_err(|error| error.to_string())
    }

    /// log p(x|z) for each row of z, `[n × latent]`, in nats.
    pub(crate) async fn log_likelihood(self, z: &[f32]) -> Result<Vec<f64>, String> {
        let size = self.model()?.latent_size;
        let mut logs = Vec::with_capacity(z.len() / size);
        for rows in z.chunks(BATCH * size) {
            match self
                .query(EvidenceQuery::LogLikelihood { z: rows.to_vec() })
                .await?
            {
                EvidenceResult::LogLikelihood(values) => logs.extend(values),
                _ => return Err(unexpected()),
            }
        }
        Ok(logs)
    }

    /// Expectations of log p(x|z) over q.
    pub(crate) async fn expected_log_likelihood(self, q: Gaussian) -> Result<Expectation, String> {
        let values = self.log_likelihood(&points(q)).await?;
        Ok(expectation(q, &values))
    }

    /// log w and log p(x|z) of samples.
    pub(crate) async fn weights(
        self,
        proposal: Proposal,
        count: usize,
        seed: u64,
    ) -> Result<Vec<f64>, String> {
        let mut logs = Vec::with_capacity(count);
        while logs.len() < count {
            let query = EvidenceQuery::ImportanceWeights {
                proposal,
                count: BATCH.min(count - logs.len()),
                seed,
                stream: logs.len() as u64,
            };
            match self.query(query).await? {
                EvidenceResult::ImportanceWeights { log_weights, .. } => logs.extend(log_weights),
                _ => return Err(unexpected()),
            }
        }
        Ok(logs)
    }

    /// log p(x) and p(z|x) by quadrature.
    pub(crate) async fn quadrature(self) -> Result<Quadrature, String> {
        self.has_quadrature()?;
        while let EvidenceResult::Grid { done, total } =
            self.query(EvidenceQuery::DecodeGrid).await?
        {
            if done >= total {
                break;
            }
        }
        let mut query = EvidenceQuery::Quadrature;
        let mut refinements = 0;
        loop {
            let EvidenceResult::Quadrature(exact) = self.query(query.clone()).await? else {
                return Err(unexpected());
            };
            if exact.error < TOLERANCE || refinements == MAX_REFINEMENTS {
                return Ok(exact);
            }
            query = EvidenceQuery::RefineQuadrature;
            refinements += 1;
        }
    }

    /// States of a Markov chain on p(z|x), until it has used this number of decoder evaluations.
    pub(crate) async fn chain(
        self,
        from: Vec<f32>,
        kernel: McmcKernel,
        evaluations: usize,
        seed: u64,
    ) -> Result<McmcPath, String> {
        let size = from.len();
        let mut path = McmcPath {
            states: Vec::new(),
            accepted: 0,
            forward_passes: 0,
            backward_passes: 0,
        };
        let per_step = match kernel {
            McmcKernel::Metropolis { .. } => 1,
            McmcKernel::Hamiltonian { leapfrog_steps, .. } => 2 * leapfrog_steps.max(1),
        };
        while path.forward_passes + path.backward_passes < evaluations {
            let left = evaluations - path.forward_passes - path.backward_passes;
            let start = path.states.len().saturating_sub(size);
            let at = path.states.get(start..).filter(|at| at.len() == size);
            let query = EvidenceQuery::McmcSteps {
                from: at.map_or_else(|| from.clone(), <[f32]>::to_vec),
                kernel,
                count: (left / per_step).clamp(1, 100),
                seed,
                stream: path.states.len() as u64,
            };
            match self.query(query).await? {
                EvidenceResult::McmcSteps(part) => {
                    path.states.extend(part.states);
                    path.accepted += part.accepted;
                    path.forward_passes += part.forward_passes;
                    path.backward_passes += part.backward_passes;
                }
                _ => return Err(unexpected()),
            }
        }
        Ok(path)
    }

    /// Reparameterized and score-function estimates of the gradient of the reconstruction term.
    pub(crate) async fn gradients(self, count: usize, seed: u64) -> Result<[Moments; 2], String> {
        let query = EvidenceQuery::GradientEstimates {
            count,
            seed,
            stream: 0,
        };
        match self.query(query).await? {
            EvidenceResult::GradientEstimates {
                reparameterized,
                score_function,
                ..
            } => Ok([reparameterized, score_function]),
            _ => Err(unexpected()),
        }
    }

    /// log p(x|z) as a Bernoulli and as a Gaussian with this σ, in nats.
    pub(crate) async fn likelihoods(self, z: Vec<f32>, sigma: f64) -> Result<[f64; 2], String> {
        match self
            .query(EvidenceQuery::CompareLikelihoods { z, sigma })
            .await?
        {
            EvidenceResult::Likelihoods {
                bernoulli,
                gaussian,
                ..
            } => Ok([bernoulli, gaussian]),
            _ => Err(unexpected()),
        }
    }

    /// Grey values, `[n × pixels]`, and the time in milliseconds.
    pub(crate) async fn decode(self, z: Vec<f32>) -> Result<(Vec<u8>, f64), String> {
        let decoded = self.actions.decode_batch(z).await;
        let decoded = decoded.map_err(|error| error.to_string())?;
        Ok((decoded.images, decoded.ms))
    }

    /// μ and σ, `[n × latent]` each.
    pub(crate) async fn encode(self, images: Vec<u8>) -> Result<[Vec<f32>; 2], String> {
        let encoded = self.actions.encode_batch(images, None).await;
        encoded.map_err(|error| error.to_string())
    }
}

fn unexpected() -> String {
    "The engine sent an unexpected answer.".to_owned()
}
