//! A loaded model. Each call is there twice: one that answers at once, for backends that compute on this thread,
//! and one to wait for. All take and give arrays of the page's.

use crate::train::Trained;
use burn::tensor::{Device, Tensor, TensorData};
use vae::{Condition, Vae};
use wasm_bindgen::prelude::*;

/// A model for decoding and encoding, and once a step was made a second one that is trained.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Model {
    vae: Vae,
    device: Device,
    trained: Option<Trained>,
}

impl Model {
    pub(crate) fn new(vae: Vae, device: Device) -> Self {
        Self {
            vae,
            device,
            trained: None,
        }
    }

    fn means(&self, z: Vec<f32>) -> Tensor<2> {
        let z = rows(z, self.vae.latent_size(), &self.device);
        self.vae.decode(z, &Condition::none())
    }

    /// μ and log σ² side by side, so that one read gives both.
    fn posterior(&self, x: Vec<f32>) -> Tensor<2> {
        let x = rows(x, self.vae.input_size(), &self.device);
        let q = self.vae.encoder.forward(x, &Condition::none());
        Tensor::cat(vec![q.mu, q.log_var], 1)
    }

    /// −ELBO before a step that this makes.
    fn trained_step(&mut self, x: Vec<f32>, noise: Vec<f32>) -> Tensor<1> {
        let trained = self
            .trained
            .get_or_insert_with(|| Trained::new(&self.vae, &self.device));
        trained.step(x, noise)
    }
}

#[wasm_bindgen]
impl Model {
    /// Means of p(x|z).
    ///
    /// # Errors
    /// When the device fails.
    pub async fn decode(&self, z: Vec<f32>) -> Result<Vec<f32>, JsError> {
        read(self.means(z)).await
    }

    /// The same at once.
    ///
    /// # Errors
    /// When the numbers are of another kind.
    pub fn decode_now(&self, z: Vec<f32>) -> Result<Vec<f32>, JsError> {
        Ok(self.means(z).into_data().try_into_vec()?)
    }

    /// μ and log σ² of q(z|x).
    ///
    /// # Errors
    /// When the device fails.
    pub async fn encode(&self, x: Vec<f32>) -> Result<Vec<f32>, JsError> {
        read(self.posterior(x)).await
    }

    /// The same at once.
    ///
    /// # Errors
    /// When the numbers are of another kind.
    pub fn encode_now(&self, x: Vec<f32>) -> Result<Vec<f32>, JsError> {
        Ok(self.posterior(x).into_data().try_into_vec()?)
    }

    /// A training step with this batch and noise; gives −ELBO before it, in nats an image.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn step(&mut self, x: Vec<f32>, noise: Vec<f32>) -> Result<f32, JsError> {
        let loss = read(self.trained_step(x, noise)).await?;
        loss.first().copied().ok_or_else(no_number)
    }

    /// The same at once.
    ///
    /// # Errors
    /// When the numbers are of another kind.
    pub fn step_now(&mut self, x: Vec<f32>, noise: Vec<f32>) -> Result<f32, JsError> {
        let loss: Vec<f32> = self.trained_step(x, noise).into_data().try_into_vec()?;
        loss.first().copied().ok_or_else(no_number)
    }
}

fn no_number() -> JsError {
    JsError::new("the loss is no number")
}

/// `[n, width]` out of its rows.
pub(crate) fn rows(values: Vec<f32>, width: usize, device: &Device) -> Tensor<2> {
    let count = values.len() / width;
    Tensor::from_data(TensorData::new(values, [count, width]), device)
}

async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, JsError> {
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| JsError::new(&format!("{error:?}")))?;
    Ok(data.try_into_vec()?)
}
