//! A model that can be trained.

use burn::{
    module::Module,
    tensor::{Device, Tensor, TensorData},
};
#[cfg(target_arch = "wasm32")]
use engine::gradient_worker::GradientClient;
#[cfg(target_arch = "wasm32")]
use vae::train::train_step_with;
#[cfg(target_arch = "wasm32")]
use vae::train::{UnsuitedObjective, exact_train_step, importance_train_step};
use vae::{
    Condition, Vae,
    train::{Adam, train_step},
};

/// Adam's learning rate, as in `tests/bench/peers/model.js`.
const RATE: f64 = 1e-3;

/// The state that a training step updates.
#[derive(Debug)]
pub(crate) struct TrainableModel {
    /// Taken during a step, because a second owner would make burn copy the parameters.
    vae: Option<Vae>,
    adam: Adam,
    device: Device,
}

impl TrainableModel {
    pub(crate) fn new(vae: &Vae, device: &Device) -> Self {
        Self {
            adam: Adam::new(vae),
            vae: Some(vae.clone().train()),
            device: device.clone().autodiff(),
        }
    }

    /// Makes a step. Returns −ELBO before it, in nats per image.
    pub(crate) fn step(&mut self, x: Vec<f32>, noise: Vec<f32>) -> Tensor<1> {
        let vae = self.vae.take().expect("put back after each step");
        let [x, noise] = self.batch(&vae, x, noise);
        let none = Condition::none();
        let (vae, parts) = train_step(vae, &mut self.adam, x, &none, noise, 1.0, RATE);
        self.vae = Some(vae);
        parts.elbo().mean().neg()
    }

    /// A step for the importance-weighted bound of `samples` samples. Returns the negative bound before it.
    ///
    /// # Shapes
    /// - `noise`: `[n · samples, latent]`
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn importance_step(
        &mut self,
        x: Vec<f32>,
        noise: Vec<f32>,
        samples: usize,
    ) -> Tensor<1> {
        let vae = self.vae.take().expect("put back after each step");
        let [x, noise] = self.batch(&vae, x, noise);
        let none = Condition::none();
        let (vae, parts) =
            importance_train_step(vae, &mut self.adam, x, &none, noise, samples, RATE);
        self.vae = Some(vae);
        parts.value.mean().neg()
    }

    /// A step for log p(x) by quadrature. Returns −log p(x) before it.
    ///
    /// # Shapes
    /// - `points`: `[points, latent]`
    #[cfg(target_arch = "wasm32")]
    pub(crate) fn exact_step(
        &mut self,
        x: Vec<f32>,
        noise: Vec<f32>,
        points: &[f32],
    ) -> Result<Tensor<1>, UnsuitedObjective> {
        let vae = self.vae.take().expect("put back after each step");
        let [x, noise] = self.batch(&vae, x, noise);
        let (vae, parts) = exact_train_step(vae, &mut self.adam, x, noise, points, RATE)?;
        self.vae = Some(vae);
        Ok(parts.value.mean().neg())
    }

    /// The same with a second worker for half of the batch.
    #[cfg(target_arch = "wasm32")]
    pub(crate) async fn step_with(
        &mut self,
        x: Vec<f32>,
        noise: Vec<f32>,
        worker: &mut GradientClient,
    ) -> Tensor<1> {
        let vae = self.vae.take().expect("put back after each step");
        let [x, noise] = self.batch(&vae, x, noise);
        let none = Condition::none();
        let adam = &mut self.adam;
        let step = train_step_with(vae, adam, x, &none, noise, 1.0, RATE, worker);
        let (vae, parts) = step.await;
        self.vae = Some(vae);
        parts.elbo().mean().neg()
    }

    fn batch(&self, vae: &Vae, x: Vec<f32>, noise: Vec<f32>) -> [Tensor<2>; 2] {
        [
            rows(x, vae.input_size(), &self.device),
            rows(noise, vae.latent_size(), &self.device),
        ]
    }
}

/// A tensor `[n, width]` from row-major values.
fn rows(values: Vec<f32>, width: usize, device: &Device) -> Tensor<2> {
    let count = values.len() / width;
    Tensor::from_data(TensorData::new(values, [count, width]), device)
}
