//! A loaded model. Each call exists twice: synchronous, for backends that compute on this thread, and asynchronous. All
//! take and return JavaScript arrays.

use crate::train::TrainableModel;
use burn::tensor::{Device, Tensor};
use engine::gradient_worker::GradientClient;
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};
use vae::{Encoded, ExecutionError, InferenceModel, Vae};
use wasm_bindgen::prelude::*;

/// A model for decoding and encoding, as in the page's worker, and a trainable copy.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Model {
    prepared: InferenceModel,
    device: Device,
    trainable: Option<TrainableModel>,
    gradient_worker: Option<GradientClient>,
}

impl Model {
    pub(crate) fn new(vae: Vae, device: Device) -> Self {
        Self {
            prepared: InferenceModel::new(vae),
            device,
            trainable: None,
            gradient_worker: None,
        }
    }

    async fn means(&self, z: Vec<f32>) -> Result<Vec<f32>, JsError> {
        self.prepared.decode(z, &[]).await.map_err(failed)
    }

    /// μ and log σ² of one image, concatenated. The engine returns σ; other libraries return log σ².
    async fn posterior(&self, x: Vec<f32>) -> Result<Vec<f32>, JsError> {
        let q = self.prepared.encode(x, &[]).await;
        let Encoded { mut mu, sigma } = q.map_err(failed)?;
        mu.extend(sigma.into_iter().map(|sigma| 2.0 * sigma.ln()));
        Ok(mu)
    }

    /// The trainable copy, made on first use.
    fn trainable(&mut self) -> &mut TrainableModel {
        self.trainable
            .get_or_insert_with(|| TrainableModel::new(self.prepared.model(), &self.device))
    }
}

#[wasm_bindgen]
impl Model {
    /// Makes the trainable copy.
    pub fn prepare_training(&mut self) {
        self.trainable();
    }

    /// Starts the worker at this URL, which then computes half of each batch.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_gradient_worker(&mut self, url: String) -> Result<(), JsError> {
        let started = GradientClient::start(&url);
        let mut worker = started.map_err(|error| JsError::new(&error))?;
        if !worker.ready().await {
            return Err(JsError::new("the gradient worker did not start"));
        }
        self.gradient_worker = Some(worker);
        Ok(())
    }

    /// Means of p(x|z).
    ///
    /// # Errors
    /// If the device fails.
    pub async fn decode(&self, z: Vec<f32>) -> Result<Vec<f32>, JsError> {
        self.means(z).await
    }

    /// The same, synchronously.
    ///
    /// # Errors
    /// If the result is not available at once.
    pub fn decode_now(&self, z: Vec<f32>) -> Result<Vec<f32>, JsError> {
        at_once(self.means(z))
    }

    /// μ and log σ² of q(z|x) of an image.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn encode(&self, x: Vec<f32>) -> Result<Vec<f32>, JsError> {
        self.posterior(x).await
    }

    /// The same, synchronously.
    ///
    /// # Errors
    /// If the result is not available at once.
    pub fn encode_now(&self, x: Vec<f32>) -> Result<Vec<f32>, JsError> {
        at_once(self.posterior(x))
    }

    /// Makes a training step with this batch and noise. Returns −ELBO before it, in nats per image.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn step(&mut self, x: Vec<f32>, noise: Vec<f32>) -> Result<f32, JsError> {
        let loss = match self.gradient_worker.take() {
            Some(mut worker) => {
                let loss = self.trainable().step_with(x, noise, &mut worker).await;
                self.gradient_worker = Some(worker);
                loss
            }
            None => self.trainable().step(x, noise),
        };
        let loss = read(loss).await?;
        loss.first().copied().ok_or_else(no_number)
    }

    /// Makes a training step for the importance-weighted bound of `samples` samples. Returns the negative bound before it.
    /// Synchronous.
    ///
    /// # Errors
    /// If the result is not available at once.
    pub fn importance_step_now(
        &mut self,
        x: Vec<f32>,
        noise: Vec<f32>,
        samples: usize,
    ) -> Result<f32, JsError> {
        let loss = self.trainable().importance_step(x, noise, samples);
        let loss: Vec<f32> = loss.into_data().try_into_vec()?;
        loss.first().copied().ok_or_else(no_number)
    }

    /// Makes a training step for log p(x) by quadrature over `points`, `[points, latent]`. Returns −log p(x) before it.
    /// Synchronous.
    ///
    /// # Errors
    /// If the model can't be trained so, or the result is not available at once.
    pub fn exact_step_now(
        &mut self,
        x: Vec<f32>,
        noise: Vec<f32>,
        points: &[f32],
    ) -> Result<f32, JsError> {
        let loss = self.trainable().exact_step(x, noise, points)?;
        let loss: Vec<f32> = loss.into_data().try_into_vec()?;
        loss.first().copied().ok_or_else(no_number)
    }

    /// The same as [`step`](Self::step), synchronously.
    ///
    /// # Errors
    /// If the result is not available at once.
    pub fn step_now(&mut self, x: Vec<f32>, noise: Vec<f32>) -> Result<f32, JsError> {
        let loss: Vec<f32> = self.trainable().step(x, noise).into_data().try_into_vec()?;
        loss.first().copied().ok_or_else(no_number)
    }
}

fn no_number() -> JsError {
    JsError::new("the loss is missing")
}

async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, JsError> {
    let data = tensor.into_data_async().await.map_err(failed)?;
    Ok(data.try_into_vec()?)
}

/// The result of a future that is ready at once, as on backends that compute on this thread.
fn at_once<T>(future: impl Future<Output = Result<T, JsError>>) -> Result<T, JsError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(JsError::new("this backend is asynchronous")),
    }
}

fn failed(error: ExecutionError) -> JsError {
    JsError::new(&format!("{error:?}"))
}
