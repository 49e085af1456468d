//! Evaluates queries about log p(x) of an image.

mod likelihoods;
mod quadrature;

use crate::{latent_vectors::check_latent_vectors, response_future::ResponseFuture};
use burn::tensor::Device;
use protocol::{
    RequestError,
    evidence::{EvidenceQuery, EvidenceResult, McmcPath, Moments, Observation, Proposal},
};
use quadrature::QuadratureCache;
use vae::{
    Noise, Vae,
    evidence::{self, EncoderGradient, EvidenceError, GradientSamples, LogJoint, LogWeights},
};

/// The most points, samples or transitions in one query, so that a decode for the stage never waits long.
const MAX_COUNT: usize = 1_000;

/// Evaluates queries, and caches expensive results that several of them share, for the model in use.
#[derive(Debug, Default)]
pub(crate) struct EvidenceSolver {
    quadrature: QuadratureCache,
}

/// The type of [`solve`].
pub(crate) type Solve = for<'a> fn(
    &'a mut EvidenceSolver,
    &'a Vae,
    Observation,
    EvidenceQuery,
    &'a Device,
) -> ResponseFuture<'a, EvidenceResult>;

/// Evaluates a query about an image.
///
/// # Errors
/// When the query does not fit the model, a query that it depends on is missing, or the device fails.
pub(crate) fn solve<'a>(
    solver: &'a mut EvidenceSolver,
    model: &'a Vae,
    observation: Observation,
    query: EvidenceQuery,
    device: &'a Device,
) -> ResponseFuture<'a, EvidenceResult> {
    Box::pin(solver.solve(model, observation, query, device))
}

impl EvidenceSolver {
    async fn solve(
        &mut self,
        model: &Vae,
        observation: Observation,
        query: EvidenceQuery,
        device: &Device,
    ) -> Result<EvidenceResult, RequestError> {
        let x: Vec<f32> = observation
            .image
            .iter()
            .map(|&byte| f32::from(byte) / 255.0)
            .collect();
        let conditioning = &observation.conditioning;
        match query {
            EvidenceQuery::LogLikelihood { z } => {
                check_points(&z, model)?;
                let logs = evidence::log_likelihood(model, &x, conditioning, z, device).await;
                Ok(EvidenceResult::LogLikelihood(logs.map_err(request_error)?))
            }
            EvidenceQuery::ImportanceWeights {
                proposal,
                count,
                seed,
                stream,
            } => {
                check_count("samples", count)?;
                let mut noise = Noise::seeded(seed, stream);
                let weights = match proposal {
                    Proposal::Prior => {
                        LogWeights::from_prior(model, &x, conditioning, count, &mut noise, device)
                            .await
                    }
                    Proposal::Posterior => {
                        LogWeights::from_posterior(
                            model,
                            &x,
                            conditioning,
                            count,
                            &mut noise,
                            device,
                        )
                        .await
                    }
                };
                let weights = weights.map_err(request_error)?;
                Ok(EvidenceResult::ImportanceWeights {
                    log_weights: weights.logs().to_vec(),
                    log_likelihood: weights.log_likelihood().to_vec(),
                })
            }
            EvidenceQuery::DecodeGrid => {
                self.quadrature
                    .decode_grid(model, conditioning, device)
                    .await
            }
            EvidenceQuery::Quadrature => {
                self.quadrature
                    .integrate(model, observation, &x, device)
                    .await
            }
            EvidenceQuery::RefineQuadrature => {
                self.quadrature
                    .refine(model, &observation, &x, device)
                    .await
            }
            EvidenceQuery::McmcSteps {
                from,
                kernel,
                count,
                seed,
                stream,
            } => {
                check_count("transitions", count)?;
                let joint =
                    LogJoint::new(model, &x, conditioning, device).map_err(request_error)?;
                let mut noise = Noise::seeded(seed, stream);
                let path = joint.chain(&from, kernel, count, &mut noise).await;
                let path = path.map_err(request_error)?;
                Ok(EvidenceResult::McmcSteps(McmcPath {
                    states: path.z,
                    accepted: path.accepted,
                    forward_passes: path.decodes,
                    backward_passes: path.gradients,
                }))
            }
            EvidenceQuery::GradientEstimates {
                count,
                seed,
                stream,
            } => {
                check_count("samples", count)?;
                let joint =
                    LogJoint::new(model, &x, conditioning, device).map_err(request_error)?;
                let mut noise = Noise::seeded(seed, stream);
                let samples = GradientSamples::draw(&joint, count, &mut noise).await;
                let estimates = samples.and_then(|samples| samples.estimates(count));
                let estimates = estimates.map_err(request_error)?;
                Ok(EvidenceResult::GradientEstimates {
                    reparameterized: moments(&estimates.reparameterized),
                    score_function: moments(&estimates.score),
                    with_baseline: moments(&estimates.baseline),
                })
            }
            EvidenceQuery::CompareLikelihoods { z, sigma } => {
                check_points(&z, model)?;
                likelihoods::compare(model, &x, conditioning, &z, sigma, device).await
            }
        }
    }
}

fn moments(gradient: &EncoderGradient) -> Moments {
    Moments {
        mean: gradient.iter().map(|derivative| derivative.mean).collect(),
        variance: gradient
            .iter()
            .map(|derivative| derivative.variance)
            .collect(),
    }
}

fn check_points(z: &[f32], model: &Vae) -> Result<(), RequestError> {
    check_latent_vectors(z, model.latent_size())?;
    check_count("points", z.len() / model.latent_size())
}

fn check_count(of: &str, count: usize) -> Result<(), RequestError> {
    if (1..=MAX_COUNT).contains(&count) {
        Ok(())
    } else {
        Err(RequestError::bad_request(format!(
            "{count} {of} were requested at once; it must be from 1 to {MAX_COUNT}"
        )))
    }
}

/// The error of an estimate: a fault of the query, unless the device failed.
fn request_error(error: EvidenceError) -> RequestError {
    match error {
        EvidenceError::Device(error) => RequestError::backend_lost(error),
        other => RequestError::bad_request(other),
    }
}
