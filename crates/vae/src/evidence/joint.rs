//! log p(x, z) of one image at many z, and where it rises.

use super::{EvidenceError, check_image, check_length, check_rows};
use crate::{Condition, LikelihoodOps as _, Vae};
use burn::{
    module::Module as _,
    tensor::{Device, Tensor, TensorData},
};
use std::f64::consts::PI;

/// Latent vectors that the decoder is given at a time.
const BATCH: usize = 500;

/// log p(x|z) in nats for each row of z.
///
/// # Shapes
/// - `image`: `[pixels]`, from 0 to 1
/// - `class_weights`: `[classes]`; none for a model that takes no label
/// - `z`: `[n × latent]`
/// - result: `[n]`
///
/// # Errors
/// When the image is not the model's, or the device fails.
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
        let log_prob = model.likelihood.log_prob(output, x);
        logs.extend(log_prob.into_data_async().await?.iter::<f64>());
    }
    Ok(logs)
}

/// log p(z) of the prior N(0, I), in nats.
pub(super) fn log_prior(z: &[f64]) -> f64 {
    let squares: f64 = z.iter().map(|z| z * z).sum();
    -0.5 * (squares + z.len() as f64 * (2.0 * PI).ln())
}

/// Something of log p(x, z) at one z, with its gradient there.
#[derive(Debug, Clone, PartialEq)]
pub struct Slope {
    /// In nats.
    pub log: f64,
    /// Its derivatives for z, `[latent]`, in nats a unit of z.
    pub gradient: Vec<f64>,
}

/// log p(x, z) = log p(x|z) + log p(z) of one image as a function of z: the true posterior p(z|x) up to its
/// constant (notes, section 1).
///
/// It shares the model's weights, on the model's device; making one costs an upload of the image.
#[derive(Debug, Clone)]
pub struct LogJoint {
    model: Vae,
    /// The same weights on the device that records gradients, where only those for z are taken: half of the
    /// work of a backward pass is left out.
    recorded: Vae,
    image: Vec<f32>,
    /// `[1, pixels]` on the device that records.
    x: Tensor<2>,
    class_weights: Vec<f32>,
    device: Device,
}

impl LogJoint {
    /// Of an image under a model.
    ///
    /// # Shapes
    /// - `image`: `[pixels]`, from 0 to 1
    /// - `class_weights`: `[classes]`; none for a model that takes no label
    ///
    /// # Errors
    /// When the image or the class weights are not the model's.
    pub fn new(
        model: &Vae,
        image: &[f32],
        class_weights: &[f32],
        device: &Device,
    ) -> Result<Self, EvidenceError> {
        check_image(image, model.input_size())?;
        check_length(
            "the list of class weights",
            class_weights.len(),
            model.classes(),
        )?;
        let model = model.valid();
        let device = device.clone().inner();
        let x = TensorData::new(image.to_vec(), [1, image.len()]);
        Ok(Self {
            recorded: model.clone().no_grad().train(),
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
    /// [`EvidenceError::Device`].
    pub async fn encode(&self) -> Result<(Vec<f64>, Vec<f64>), EvidenceError> {
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
    /// - `z`: `[n × latent]`
    ///
    /// # Errors
    /// When `z` is no whole number of rows, or the device fails.
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
            *log += log_prior(&wide(row));
        }
        Ok(logs)
    }

    /// log p(x|z) at each z with its gradient for z: `[n]`.
    ///
    /// Row i of z moves log p(x|zᵢ) alone, so that one backward pass over their sum gives the gradient of
    /// each.
    ///
    /// # Shapes, errors
    /// As [`log_likelihood`](Self::log_likelihood).
    pub async fn likelihood_slopes(&self, z: &[f32]) -> Result<Vec<Slope>, EvidenceError> {
        check_rows("the last row of z", z, self.latent_size())?;
        let latent = self.latent_size();
        let mut slopes = Vec::with_capacity(z.len() / latent);
        for rows in z.chunks(BATCH * latent) {
            self.slopes_of_batch(rows, &mut slopes).await?;
        }
        Ok(slopes)
    }

    async fn slopes_of_batch(
        &self,
        rows: &[f32],
        slopes: &mut Vec<Slope>,
    ) -> Result<(), EvidenceError> {
        let device = self.x.device();
        let (latent, pixels) = (self.latent_size(), self.image.len());
        let count = rows.len() / latent;
        let z = TensorData::new(rows.to_vec(), [count, latent]);
        let z = Tensor::<2>::from_data(z, &device).require_grad();
        let condition = Condition::shared(&self.class_weights, count, &device);
        let output = self.recorded.decoder.forward(z.clone(), &condition);
        let x = self.x.clone().expand([count, pixels]);
        let log_prob = self.recorded.likelihood.log_prob(output, x); // [count]
        let mut gradients = log_prob.clone().sum().backward();
        let logs = log_prob.inner().reshape([count, 1]);
        // A decoder that does not look at z has no gradient for it.
        let gradient = z
            .grad_remove(&mut gradients)
            .unwrap_or_else(|| z.inner().zeros_like());
        // Both in one read: on a GPU, each waits for all that is queued.
        let read = Tensor::cat(vec![logs, gradient], 1)
            .into_data_async()
            .await?;
        let read: Vec<f64> = read.iter().collect();
        slopes.extend(read.chunks_exact(1 + latent).map(|row| Slope {
            log: row[0],
            gradient: row[1..].to_vec(),
        }));
        Ok(())
    }

    /// log p(x, z) at each z with its gradient for z: `[n]`.
    ///
    /// # Shapes, errors
    /// As [`log_likelihood`](Self::log_likelihood).
    pub async fn slopes(&self, z: &[f32]) -> Result<Vec<Slope>, EvidenceError> {
        let mut slopes = self.likelihood_slopes(z).await?;
        for (slope, row) in slopes.iter_mut().zip(z.chunks_exact(self.latent_size())) {
            let row = wide(row);
            slope.log += log_prior(&row);
            for (derivative, z) in slope.gradient.iter_mut().zip(row) {
                // ∇ log p(z) = −z.
                *derivative -= z;
            }
        }
        Ok(slopes)
    }
}

/// As f64.
pub(super) fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}
