//! log p(x, z) of one image at many z, and its gradient.

use super::{EvidenceError, check_encoder, check_image, check_length, check_rows};
use crate::{Condition, LikelihoodOps as _, Vae};
use burn::{
    module::Module as _,
    tensor::{Device, Tensor, TensorData},
};
use std::f64::consts::PI;

/// Latent vectors per decoder evaluation.
const BATCH: usize = 500;

/// log p(x|z) for each row of z, in nats.
///
/// # Shapes
/// - `image`: `[pixels]`, from 0 to 1
/// - `class_weights`: `[classes]`; empty for an unconditional model
/// - `z`: `[n, latent]`
/// - result: `[n]`
///
/// # Errors
/// When the image does not fit the model, or the device fails.
pub async fn log_likelihood(
    model: &Vae,
    image: &[f32],
    class_weights: &[f32],
    z: Vec<f32>,
    device: &Device,
) -> Result<Vec<f64>, EvidenceError> {
    check_image(image, model.input_size())?;
    let (latent, pixels) = (model.latent_size(), image.len());
    let mut logs = Vec::with_capacity(z.len() / latent);
    for rows in z.chunks(BATCH * latent) {
        let count = rows.len() / latent;
        let z = Tensor::<2>::from_data(TensorData::new(rows.to_vec(), [count, latent]), device);
        let condition = Condition::shared(class_weights, count, device);
        let x = TensorData::new(image.to_vec(), [1, pixels]);
        let x = Tensor::<2>::from_data(x, device).expand([count, pixels]);
        let output = model.decoder.forward(z, &condition);
        let log_prob = model.likelihood.log_prob(output, x, model.kernel_path());
        logs.extend(log_prob.into_data_async().await?.iter::<f64>());
    }
    Ok(logs)
}

/// log p(z) of the prior N(0, I), in nats.
pub(super) fn log_prior(z: &[f64]) -> f64 {
    let squares: f64 = z.iter().map(|z| z * z).sum();
    -0.5 * (squares + z.len() as f64 * (2.0 * PI).ln())
}

/// A log density at one z, with its gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueAndGradient {
    /// The log density, in nats.
    pub value: f64,
    /// Its gradient for z, `[latent]`, in nats per unit of z.
    pub gradient: Vec<f64>,
}

/// log p(x, z) = log p(x|z) + log p(z) of one image as a function of z: the unnormalized log posterior (notes, section 1).
///
/// It shares the model's weights; creating one uploads the image to the device.
#[derive(Debug, Clone)]
pub struct LogJoint {
    model: Vae,
    /// The same weights on the device that records gradients, themselves without gradients: computing only those for z
    /// halves the work of a backward pass.
    recording: Vae,
    image: Vec<f32>,
    /// `[1, pixels]` on the device that records gradients.
    x: Tensor<2>,
    class_weights: Vec<f32>,
    device: Device,
}

impl LogJoint {
    /// For an image under a model.
    ///
    /// # Shapes
    /// - `image`: `[pixels]`, from 0 to 1
    /// - `class_weights`: `[classes]`; empty for an unconditional model
    ///
    /// # Errors
    /// When the image or the class weights do not fit the model.
    pub fn new(
        model: &Vae,
        image: &[f32],
        class_weights: &[f32],
        device: &Device,
    ) -> Result<Self, EvidenceError> {
        check_image(image, model.input_size())?;
        check_length(
            "the array of class weights",
            class_weights.len(),
            model.classes(),
        )?;
        let model = model.valid();
        let device = device.clone().inner();
        let x = TensorData::new(image.to_vec(), [1, image.len()]);
        Ok(Self {
            recording: model.clone().no_grad().train(),
            model,
            image: image.to_vec(),
            x: Tensor::from_data(x, &device.clone().autodiff()),
            class_weights: class_weights.to_vec(),
            device,
        })
    }

    /// Number of latent dimensions.
    pub fn latent_size(&self) -> usize {
        self.model.latent_size()
    }

    /// μ and log σ² of q(z|x), `[latent]` each.
    ///
    /// # Errors
    /// [`EvidenceError::NoEncoder`] and [`EvidenceError::Device`].
    pub async fn encode(&self) -> Result<(Vec<f64>, Vec<f64>), EvidenceError> {
        check_encoder(&self.model)?;
        let condition = Condition::shared(&self.class_weights, 1, &self.device);
        let q = self
            .model
            .encoder
            .forward(self.x.clone().inner(), &condition);
        let mu = q.mu.into_data_async().await?.iter().collect();
        let log_var = q.log_var.into_data_async().await?.iter().collect();
        Ok((mu, log_var))
    }

    /// log p(x|z) at each z, in nats: `[n]`.
    ///
    /// # Shapes
    /// - `z`: `[n, latent]`
    ///
    /// # Errors
    /// When the last row of `z` is incomplete, or the device fails.
    pub async fn log_likelihood(&self, z: &[f32]) -> Result<Vec<f64>, EvidenceError> {
        check_rows("the last row of z", z, self.latent_size())?;
        log_likelihood(
            &self.model,
            &self.image,
            &self.class_weights,
            z.to_vec(),
            &self.device,
        )
        .await
    }

    /// log p(x, z) at each z, in nats: `[n]`.
    ///
    /// # Shapes, errors
    /// As [`log_likelihood`](Self::log_likelihood).
    pub async fn log_joint(&self, z: &[f32]) -> Result<Vec<f64>, EvidenceError> {
        let mut logs = self.log_likelihood(z).await?;
        let rows = z.chunks_exact(self.latent_size());
        for (log, row) in logs.iter_mut().zip(rows) {
            *log += log_prior(&to_f64(row));
        }
        Ok(logs)
    }

    /// log p(x|z) at each z with its gradient for z: `[n]`.
    ///
    /// Row i of z affects only log p(x|zᵢ), so one backward pass of their sum computes the gradient of each.
    ///
    /// # Shapes, errors
    /// As [`log_likelihood`](Self::log_likelihood).
    pub async fn log_likelihood_with_gradient(
        &self,
        z: &[f32],
    ) -> Result<Vec<ValueAndGradient>, EvidenceError> {
        check_rows("the last row of z", z, self.latent_size())?;
        let latent = self.latent_size();
        let mut results = Vec::with_capacity(z.len() / latent);
        for rows in z.chunks(BATCH * latent) {
            self.batch_with_gradient(rows, &mut results).await?;
        }
        Ok(results)
    }

    async fn batch_with_gradient(
        &self,
        rows: &[f32],
        results: &mut Vec<ValueAndGradient>,
    ) -> Result<(), EvidenceError> {
        let device = self.x.device();
        let (latent, pixels) = (self.latent_size(), self.image.len());
        let count = rows.len() / latent;
        let z = TensorData::new(rows.to_vec(), [count, latent]);
        let z = Tensor::<2>::from_data(z, &device).require_grad();
        let condition = Condition::shared(&self.class_weights, count, &device);
        let output = self.recording.decoder.forward(z.clone(), &condition);
        let x = self.x.clone().expand([count, pixels]);
        let log_prob = self
            .recording
            .likelihood
            .log_prob(output, x, self.model.kernel_path()); // [count]
        let mut gradients = log_prob.clone().sum().backward();
        let logs = log_prob.inner().reshape([count, 1]);
        // A decoder whose output does not depend on z has no gradient for it.
        let gradient = z
            .grad_remove(&mut gradients)
            .unwrap_or_else(|| z.inner().zeros_like());
        // One read instead of two: on a GPU, each waits for all queued work.
        let rows = Tensor::cat(vec![logs, gradient], 1)
            .into_data_async()
            .await?;
        let rows: Vec<f64> = rows.iter().collect();
        results.extend(rows.chunks_exact(1 + latent).map(|row| ValueAndGradient {
            value: row[0],
            gradient: row[1..].to_vec(),
        }));
        Ok(())
    }

    /// log p(x, z) at each z with its gradient for z: `[n]`.
    ///
    /// # Shapes, errors
    /// As [`log_likelihood`](Self::log_likelihood).
    pub async fn log_joint_with_gradient(
        &self,
        z: &[f32],
    ) -> Result<Vec<ValueAndGradient>, EvidenceError> {
        let mut results = self.log_likelihood_with_gradient(z).await?;
        for (result, row) in results.iter_mut().zip(z.chunks_exact(self.latent_size())) {
            let row = to_f64(row);
            result.value += log_prior(&row);
            for (derivative, z) in result.gradient.iter_mut().zip(row) {
                // ∇ log p(z) = −z.
                *derivative -= z;
            }
        }
        Ok(results)
    }
}

/// The values in double precision.
pub(super) fn to_f64(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}
