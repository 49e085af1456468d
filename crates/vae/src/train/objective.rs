//! Steps for objectives other than the ELBO.

use super::{
    Adam,
    step::{Step, StepData},
};
use crate::{
    Condition, DiagonalGaussian, ElboParts, LikelihoodOps as _, Noise, Vae, condition::repeat_rows,
    cpu, linear::product,
};
use burn::{
    module::Module,
    tensor::{Tensor, TensorData, activation::softmax},
};
use estimate::quantile_grid;
use kernels::step::LatentPoints;
use rand::RngExt as _;
use spec::{Objective, UnsuitedObjective};

/// Checks that a model can be trained by an objective.
///
/// # Errors
/// As [`Objective::check`].
pub(super) fn check(objective: Objective, model: &Vae) -> Result<(), UnsuitedObjective> {
    objective.check(model.latent_size(), model.classes(), &model.likelihood)
}

/// What a step knows of the images before it.
#[derive(Debug, Clone)]
pub struct ObjectiveParts {
    /// The parts of the ELBO.
    pub elbo: ElboParts,
    /// Of each image what the objective maximizes, in nats: `[n]`.
    pub value: Tensor<1>,
}

/// As [`train_step`](super::train_step), for the importance-weighted bound of `samples` samples
/// ([`Objective::ImportanceWeighted`]).
///
/// # Shapes
/// - `x`: `[n, input]`
/// - `condition`: `[n, classes]`; empty for an unconditional model
/// - `eps`: `[n · samples, latent]`, the samples of an image next to each other
///
/// # Panics
/// If the model's device does not record gradients.
pub fn importance_train_step(
    mut model: Vae,
    optimizer: &mut Adam,
    x: Tensor<2>,
    condition: &Condition,
    eps: Tensor<2>,
    samples: usize,
    learning_rate: f64,
) -> (Vae, ObjectiveParts) {
    let step = Step {
        x,
        condition,
        eps,
        beta: 1.0,
        learning_rate,
    };
    let parts = importance_step(step, samples, &mut model, optimizer);
    (model, parts)
}

/// As [`train_step`](super::train_step), for log p(x) by quadrature ([`Objective::Exact`]): of the decoder; the encoder
/// follows by the ELBO.
///
/// # Shapes
/// - `x`: `[n, input]`
/// - `eps`: `[n, latent]`
/// - `points`: `[points, latent]`, each with the same share of the prior
///
/// # Errors
/// If the model can't be trained by this objective.
///
/// # Panics
/// If the model's device does not record gradients.
pub fn exact_train_step(
    mut model: Vae,
    optimizer: &mut Adam,
    x: Tensor<2>,
    eps: Tensor<2>,
    points: &[f32],
    learning_rate: f64,
) -> Result<(Vae, ObjectiveParts), UnsuitedObjective> {
    let side = points.len() / model.latent_size();
    check(Objective::Exact { side }, &model)?;
    let step = Step {
        x,
        condition: &Condition::none(),
        eps,
        beta: 1.0,
        learning_rate,
    };
    let parts = exact_step(step, points, &mut model, optimizer);
    Ok((model, parts))
}

/// One step of training for the importance-weighted bound of `samples` samples. `step.eps` is `[n · samples, latent]`, the
/// samples of an image next to each other.
pub(super) fn importance_step(
    step: Step<'_>,
    samples: usize,
    model: &mut Vae,
    optimizer: &mut Adam,
) -> ObjectiveParts {
    let learning_rate = step.learning_rate;
    if cpu::uses_kernels(&step.x, model.kernel_path()) {
        let data = StepData::new(step);
        let terms = optimizer.importance_step_on_cpu(model, &data.batch(), samples, learning_rate);
        return ObjectiveParts {
            elbo: data.to_tensors(terms.elbo),
            value: data.vector(terms.bound),
        };
    }
    let inputs = Importance {
        x: step.x,
        condition: step.condition,
        eps: step.eps,
        samples,
    };
    let (logs, elbo) = inputs.log_weights(&model.valid());
    let largest = logs.clone().max_dim(1);
    let bound = (logs.clone() - largest.clone()).exp().mean_dim(1).log() + largest;
    let loss = inputs.surrogate_loss(model, softmax(logs, 1));
    optimizer.step_in_place(model, loss.backward(), learning_rate);
    ObjectiveParts {
        elbo,
        value: bound.squeeze_dim(1),
    }
}

/// A batch with several samples for each image.
struct Importance<'a> {
    /// `[n, input]`, as all tensors here on a device that records gradients.
    x: Tensor<2>,
    condition: &'a Condition,
    /// `[n · samples, latent]`.
    eps: Tensor<2>,
    samples: usize,
}

impl Importance<'_> {
    /// log w of each sample, `[n, samples]`, and the parts of the ELBO, whose log p(x|z) is the mean over an image's
    /// samples. `model` records no gradients.
    fn log_weights(&self, model: &Vae) -> (Tensor<2>, ElboParts) {
        let shape = [self.x.dims()[0], self.samples];
        let x = self.x.clone().inner();
        let condition = self.condition.inner();
        let q = model.encoder.forward(x.clone(), &condition);
        let rows = repeat(&q, self.samples);
        let z = rows.reparameterize(self.eps.clone().inner());
        let output = model
            .decoder
            .forward(z.clone(), &condition.repeated(self.samples));
        let x = repeat_rows(x, self.samples);
        let d_log_scale = model.likelihood.d_log_scale(output.clone(), x.clone());
        let log_likelihood = model.likelihood.log_prob(output, x, model.kernel_path());
        let elbo = ElboParts {
            reconstruction: log_likelihood
                .clone()
                .reshape(shape)
                .mean_dim(1)
                .squeeze_dim(1),
            kl: q.kl_from_prior(),
            d_log_scale,
        };
        let logs = log_likelihood + log_prior_over(&rows, z);
        (logs.reshape(shape), elbo)
    }

    /// A loss with the gradients of −L_K: that of the decoder, Σ w̃ ∂ log w, and the doubly reparameterized one of the
    /// encoder, Σ w̃² ∂ log w / ∂z ∂z, where w̃ are the shares of the weights, `[n, samples]`.
    fn surrogate_loss(&self, model: &Vae, shares: Tensor<2>) -> Tensor<1> {
        let [n, samples] = shares.dims();
        let shares = Tensor::from_inner(shares).reshape([n * samples, 1]);
        let q = repeat(
            &model.encoder.forward(self.x.clone(), self.condition),
            samples,
        );
        let z = q.reparameterize(self.eps.clone());
        // The same value, with the gradient times w̃.
        let z = z.clone() * shares.clone() + (z * (shares.clone().neg() + 1.0)).detach();
        let output = model
            .decoder
            .forward(z.clone(), &self.condition.repeated(samples));
        let x = repeat_rows(self.x.clone(), samples);
        let log_likelihood = model.likelihood.log_prob(output, x, model.kernel_path());
        let fixed = DiagonalGaussian {
            mu: q.mu.detach(),
            log_var: q.log_var.detach(),
        };
        let logs = log_likelihood + log_prior_over(&fixed, z);
        (logs * shares.squeeze_dim(1)).sum().div_scalar(-(n as f64))
    }
}

/// The Gaussian of each image `times` times in a row.
fn repeat(q: &DiagonalGaussian, times: usize) -> DiagonalGaussian {
    DiagonalGaussian {
        mu: repeat_rows(q.mu.clone(), times),
        log_var: repeat_rows(q.log_var.clone(), times),
    }
}

/// log p(z) − log q(z) of each row of z, `[n]`.
fn log_prior_over(q: &DiagonalGaussian, z: Tensor<2>) -> Tensor<1> {
    // ½ log 2π cancels.
    let standardized = (z.clone() - q.mu.clone()) / q.std();
    (standardized.square() + q.log_var.clone() - z.square())
        .sum_dim(1)
        .mul_scalar(0.5)
        .squeeze_dim(1)
}

/// One step of training for log p(x) by quadrature over points of the latent space: of the decoder. The encoder follows by
/// the ELBO.
///
/// # Shapes
/// - `points`: `[points, latent]`, each with the same share of the prior
pub(super) fn exact_step(
    step: Step<'_>,
    points: &[f32],
    model: &mut Vae,
    optimizer: &mut Adam,
) -> ObjectiveParts {
    let learning_rate = step.learning_rate;
    let latent = model.latent_size();
    let count = points.len() / latent;
    if cpu::uses_kernels(&step.x, model.kernel_path()) {
        let data = StepData::new(step);
        let points = LatentPoints { count, z: points };
        let (elbo, log_evidence) =
            optimizer.exact_step_on_cpu(model, &data.batch(), points, learning_rate);
        return ObjectiveParts {
            elbo: data.to_tensors(elbo),
            value: data.vector(log_evidence),
        };
    }
    let device = step.x.device();
    let points = TensorData::new(points.to_vec(), [count, latent]);
    let points = Tensor::from_data(points, &device);
    let value = log_evidence(model, step.x.clone(), points);
    let frozen = Vae {
        encoder: model.encoder.clone(),
        decoder: model.decoder.clone().no_grad(),
        likelihood: model.likelihood,
    };
    let elbo = frozen.elbo(step.x, step.condition, step.eps);
    let loss = elbo.loss(1.0) - value.clone().mean();
    optimizer.step_in_place(model, loss.backward(), learning_rate);
    ObjectiveParts {
        elbo: elbo.inner(),
        value: value.inner(),
    }
}

/// log p(x) of each image by quadrature, `[n]`.
fn log_evidence(model: &Vae, x: Tensor<2>, points: Tensor<2>) -> Tensor<1> {
    let [count, _] = points.dims();
    let likelihood = model.likelihood;
    let Some(family) = likelihood.exponential_family() else {
        unreachable!("checked when the run was created")
    };
    let output = model.decoder.forward(points, &Condition::none());
    let zeros = output.zeros_like().detach();
    let log_prob_zero = likelihood.log_prob(output.clone(), zeros, model.kernel_path());
    let natural = family.natural_parameter(output).transpose(); // [input, points]
    let logs = product(&natural, log_prob_zero, x.clone(), model.kernel_path()); // [n, points]
    let largest = logs.clone().max_dim(1).detach();
    let mean = (logs - largest.clone()).exp().sum_dim(1).log() + largest;
    let base = family.log_base_of(x); // [n, 1]
    (mean - (count as f64).ln() + base).squeeze_dim(1)
}

/// A grid of the prior's quantiles, `[side^latent, latent]`, moved by the same random part of a cell along each dimension.
pub(super) fn random_quantile_grid(side: usize, latent: usize, noise: &mut Noise) -> Vec<f32> {
    // Not the ends of the cells: the outermost are infinite.
    let offsets: Vec<f64> = (0..latent)
        .map(|_| noise.rng().random_range(1e-3..1.0 - 1e-3))
        .collect();
    quantile_grid(side, &offsets)
}

#[cfg(test)]
#[path = "objective_tests.rs"]
mod tests;
