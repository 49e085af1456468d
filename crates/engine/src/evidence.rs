//! What is asked about log p(x) of an image.

use crate::refusal::Refusal;
use burn::tensor::{Device, Tensor, TensorData};
use protocol::evidence::{Chain, Estimated, Evidence, Exact, Found, Proposal, Subject};
use vae::{
    Condition, Likelihood, LikelihoodOps as _, Noise, Vae,
    evidence::{
        self, EncoderGradient, EvidenceError, GradientSamples, GridPass, LatentGrid, LogJoint,
        LogWeights, PlanePosterior,
    },
};

/// Cells along a side of the grid that is kept: what the decoder gives there takes 13 MB.
const SIDE: usize = 64;
/// Points or samples in one request, so that a picture for the stage does not wait for long.
const MOST: usize = 1_000;
/// Of the posterior, cells with less than this share together are not told of.
const UNTOLD: f64 = 1e-6;

/// What is kept from one question to the next, for the model in use.
#[derive(Debug, Default)]
pub(crate) struct Examiner {
    /// The decoder's pass over the plane, with the class weights that it was told.
    pass: Option<(Vec<f32>, GridPass)>,
    /// What was found last.
    exact: Option<OfImage>,
}

/// Of which image something was found.
#[derive(Debug)]
struct OfImage {
    subject: Subject,
    q: PlanePosterior,
    exact: evidence::Exact,
}

impl Examiner {
    /// Answers a question.
    pub(crate) async fn examine(
        &mut self,
        model: &Vae,
        subject: Subject,
        evidence: Evidence,
        device: &Device,
    ) -> Result<Found, Refusal> {
        let x: Vec<f32> = subject
            .image
            .iter()
            .map(|&byte| f32::from(byte) / 255.0)
            .collect();
        let condition = &subject.condition;
        match evidence {
            Evidence::At { z } => {
                check_points(&z, model)?;
                let logs = evidence::log_likelihood(model, &x, condition, z, device).await;
                Ok(Found::Likelihood(logs.map_err(refused)?))
            }
            Evidence::Weigh {
                from,
                count,
                seed,
                stream,
            } => {
                check_count("samples", count)?;
                let mut noise = Noise::seeded(seed, stream);
                let weights = match from {
                    Proposal::Prior => {
                        LogWeights::from_prior(model, &x, condition, count, &mut noise, device)
                            .await
                    }
                    Proposal::Posterior => {
                        LogWeights::from_posterior(model, &x, condition, count, &mut noise, device)
                            .await
                    }
                };
                let weights = weights.map_err(refused)?;
                Ok(Found::Weights {
                    logs: weights.logs().to_vec(),
                    log_likelihood: weights.log_likelihood().to_vec(),
                })
            }
            Evidence::Prepare => self.prepare(model, condition, device).await,
            Evidence::Exact => {
                let pass = self.pass_for(condition)?;
                let exact = pass.exact(&x).await.map_err(refused)?;
                let q = encoded(model, &x, condition, device).await?;
                let found = told(&exact, q);
                self.exact = Some(OfImage { subject, q, exact });
                Ok(found)
            }
            Evidence::Refine => {
                let of_image = self
                    .exact
                    .as_mut()
                    .filter(|of_image| of_image.subject == subject)
                    .ok_or_else(|| {
                        Refusal::bad_request("log p(x) of another image was asked for")
                    })?;
                let OfImage { q, exact, .. } = of_image;
                let refined = exact.refine(model, &x, condition, Some(*q), device).await;
                refined.map_err(refused)?;
                Ok(told(exact, *q))
            }
            Evidence::Walk {
                from,
                kernel,
                count,
                seed,
                stream,
            } => {
                check_count("transitions", count)?;
                let joint = LogJoint::new(model, &x, condition, device).map_err(refused)?;
                let mut noise = Noise::seeded(seed, stream);
                let path = joint.chain(&from, kernel, count, &mut noise).await;
                let path = path.map_err(refused)?;
                Ok(Found::Chain(Chain {
                    path: path.z,
                    accepted: path.accepted,
                    decodes: path.decodes,
                    gradients: path.gradients,
                }))
            }
            Evidence::Gradients {
                count,
                seed,
                stream,
            } => {
                check_count("samples", count)?;
                let joint = LogJoint::new(model, &x, condition, device).map_err(refused)?;
                let mut noise = Noise::seeded(seed, stream);
                let samples = GradientSamples::draw(&joint, count, &mut noise).await;
                let estimates = samples.and_then(|samples| samples.estimates(count));
                let estimates = estimates.map_err(refused)?;
                Ok(Found::Gradients {
                    reparameterized: estimated(&estimates.reparameterized),
                    score: estimated(&estimates.score),
                    with_baseline: estimated(&estimates.baseline),
                })
            }
            Evidence::Compare { z, sigma } => {
                check_points(&z, model)?;
                compare(model, &x, condition, &z, sigma, device).await
            }
        }
    }

    /// Takes the decoder over some more points.
    async fn prepare(
        &mut self,
        model: &Vae,
        condition: &[f32],
        device: &Device,
    ) -> Result<Found, Refusal> {
        if self.pass_for(condition).is_err() {
            let grid = LatentGrid::new(SIDE, LatentGrid::REACH).map_err(refused)?;
            let pass = GridPass::new(model, grid, device).map_err(refused)?;
            self.pass = Some((condition.to_vec(), pass));
        }
        let Some((_, pass)) = &mut self.pass else {
            return Err(Refusal::bad_request("there is no grid"));
        };
        pass.advance(model, condition).await.map_err(refused)?;
        Ok(Found::Grid {
            done: pass.done(),
            of: pass.grid().len(),
        })
    }

    /// The pass over the plane with this label.
    fn pass_for(&self, condition: &[f32]) -> Result<&GridPass, Refusal> {
        match &self.pass {
            Some((told, pass)) if told == condition => Ok(pass),
            _ => Err(Refusal::bad_request("the grid is not prepared yet")),
        }
    }
}

/// q(z|x) of a model of two dimensions.
async fn encoded(
    model: &Vae,
    x: &[f32],
    condition: &[f32],
    device: &Device,
) -> Result<PlanePosterior, Refusal> {
    let x = Tensor::from_data(TensorData::new(x.to_vec(), [1, x.len()]), device);
    let condition = Condition::shared(condition, 1, device);
    let q = model.encoder.forward(x, &condition);
    let pair = async |tensor: Tensor<2>| -> Result<[f64; 2], Refusal> {
        let data = tensor.into_data_async().await.map_err(Refusal::lost)?;
        let values: Vec<f64> = data.iter().collect();
        values
            .try_into()
            .map_err(|_| Refusal::bad_request("q(z|x) has not two dimensions"))
    };
    Ok(PlanePosterior {
        mu: pair(q.mu).await?,
        log_var: pair(q.log_var).await?,
    })
}

fn told(exact: &evidence::Exact, q: PlanePosterior) -> Found {
    let covariance = exact.covariance();
    Found::Exact(Exact {
        log_evidence: exact.log_evidence,
        error: exact.error,
        gap: exact.kl_from(q.mu, q.log_var),
        mean: exact.mean(),
        deviation: [0, 1].map(|i| covariance[i][i].max(0.0).sqrt()),
        cells: heaviest(exact),
    })
}

/// The cells that matter, the heaviest first.
fn heaviest(exact: &evidence::Exact) -> Vec<f32> {
    let mut cells: Vec<_> = exact
        .posterior()
        .map(|(cell, log)| ((log + cell.log_area()).exp(), cell, log))
        .collect();
    cells.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut left = 1.0;
    cells
        .into_iter()
        .take_while(|(mass, ..)| {
            let matters = left > UNTOLD && *mass > 0.0;
            left -= mass;
            matters
        })
        .flat_map(|(_, cell, log)| [cell.z[0], cell.z[1], cell.width, log])
        .map(|value| value as f32)
        .collect()
}

/// The decoder's output at z, read as each kind of likelihood.
async fn compare(
    model: &Vae,
    x: &[f32],
    condition: &[f32],
    z: &[f32],
    sigma: f64,
    device: &Device,
) -> Result<Found, Refusal> {
    if !(sigma.is_finite() && sigma > 0.0) {
        return Err(Refusal::bad_request(format!(
            "σ is {sigma}; it must be above 0"
        )));
    }
    if matches!(model.likelihood, Likelihood::Gaussian { .. }) {
        return Err(Refusal::bad_request(
            "a Gaussian decoder gives no logits, which the Bernoulli kinds need",
        ));
    }
    if x.len() != model.input_size() || z.len() != model.latent_size() {
        return Err(Refusal::bad_request(
            "one image and one z of the model's sizes are needed",
        ));
    }
    let z = Tensor::<2>::from_data(TensorData::new(z.to_vec(), [1, z.len()]), device);
    let condition = Condition::shared(condition, 1, device);
    let logits = model.decoder.forward(z, &condition);
    let x = Tensor::<2>::from_data(TensorData::new(x.to_vec(), [1, x.len()]), device);
    let value = async |likelihood: Likelihood, output: Tensor<2>| -> Result<f64, Refusal> {
        let log_prob = likelihood.log_prob(output, x.clone(), model.kernel_path());
        let data = log_prob.into_data_async().await.map_err(Refusal::lost)?;
        Ok(data.iter::<f64>().sum())
    };
    // The Gaussian's f is the picture that is seen.
    let seen = model.likelihood.mean(logits.clone(), model.kernel_path());
    Ok(Found::Likelihoods {
        bernoulli: value(Likelihood::Bernoulli, logits.clone()).await?,
        continuous_bernoulli: value(Likelihood::ContinuousBernoulli, logits).await?,
        gaussian: value(Likelihood::Gaussian { sigma }, seen).await?,
    })
}

fn estimated(gradient: &EncoderGradient) -> Estimated {
    Estimated {
        mean: gradient.iter().map(|derivative| derivative.mean).collect(),
        variance: gradient
            .iter()
            .map(|derivative| derivative.variance)
            .collect(),
    }
}

/// Refuses z that no decoder takes.
fn check_points(z: &[f32], model: &Vae) -> Result<(), Refusal> {
    let latent = model.latent_size();
    if z.is_empty() || !z.len().is_multiple_of(latent) {
        return Err(Refusal::bad_request(format!(
            "z has {} numbers; this model needs {latent} for each image",
            z.len()
        )));
    }
    if let Some(bad) = z.iter().find(|value| !value.is_finite()) {
        return Err(Refusal::bad_request(format!(
            "z contains {bad}; it must be finite"
        )));
    }
    check_count("points", z.len() / latent)
}

fn check_count(what: &str, count: usize) -> Result<(), Refusal> {
    if (1..=MOST).contains(&count) {
        Ok(())
    } else {
        Err(Refusal::bad_request(format!(
            "{count} {what} were asked for at once; it must be from 1 to {MOST}"
        )))
    }
}

/// An estimate that can't be had: by what was asked, or because the device is gone.
fn refused(error: EvidenceError) -> Refusal {
    match error {
        EvidenceError::Device(error) => Refusal::lost(error),
        other => Refusal::bad_request(other),
    }
}
