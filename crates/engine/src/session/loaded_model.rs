//! The model in use: decoding, encoding and timing.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

use crate::{chunk, grey::grey, latent_vectors::check_latent_vectors, training::model_info};
use burn::tensor::Device;
use protocol::{ModelInfo, RequestError, Response};
use vae::{
    Encoded, InferenceModel, KernelPath, Vae,
    weights::{self, Card},
};
use web_time::Instant;

/// The most images in one [`Request::Decode`](protocol::Request::Decode) or
/// [`Request::Encode`](protocol::Request::Encode): 4096 images are 3 MB of pixels.
pub const MAX_BATCH: usize = 4096;

/// A model on its device, with packed weights for many passes.
#[derive(Debug)]
pub(super) struct LoadedModel {
    prepared: InferenceModel,
    latent_size: usize,
    classes: usize,
}

impl LoadedModel {
    /// Loads a model and decodes once, so that a device that can't run it is rejected here.
    ///
    /// # Errors
    /// When card and weights are not a model, or the device can't run it.
    pub(super) async fn load(
        card: &str,
        weights: &[u8],
        device: &Device,
        kernel_path: KernelPath,
    ) -> Result<(Self, ModelInfo), RequestError> {
        let card = Card::from_json(card).map_err(RequestError::bad_model)?;
        let network = card.architecture.network.as_ref();
        if network.is_some_and(|network| network.graphs.is_some()) {
            vae::graph::install(chunk::graphs().await?);
        }
        let vae = weights::load(&card, weights, device)
            .map_err(RequestError::bad_model)?
            .with_kernel_path(kernel_path);
        let model = Self {
            prepared: InferenceModel::new(vae),
            latent_size: card.architecture.latent_size,
            classes: card.architecture.classes,
        };
        let z = vec![0.0; model.latent_size];
        model.pixels(z, &model.first_class()).await?;
        Ok((model, model_info(&card)))
    }

    /// The model itself.
    pub(super) fn vae(&self) -> &Vae {
        self.prepared.model()
    }

    /// Grey values `[n × height × width]` of the decoded means for `z`, `[n × latent]`, given class weights,
    /// `[classes]`.
    ///
    /// # Errors
    /// When the sizes do not fit the model, or the device fails.
    pub(super) async fn decode(
        &self,
        z: Vec<f32>,
        conditioning: &[f32],
    ) -> Result<Vec<u8>, RequestError> {
        check_latent_vectors(&z, self.latent_size)?;
        let count = z.len() / self.latent_size;
        if count > MAX_BATCH {
            return Err(RequestError::bad_request(format!(
                "{count} images were requested at once; the limit is {MAX_BATCH}"
            )));
        }
        self.check_conditioning(conditioning)?;
        self.pixels(z, conditioning).await
    }

    /// q(z|x) of images, `[n × height × width]` grey values, given class weights, `[classes]`.
    ///
    /// # Errors
    /// When the sizes do not fit the model, or the device fails.
    pub(super) async fn encode(
        &self,
        images: &[u8],
        conditioning: &[f32],
    ) -> Result<Response, RequestError> {
        let pixels = self.vae().input_size();
        if images.is_empty() || !images.len().is_multiple_of(pixels) {
            return Err(RequestError::bad_request(format!(
                "the images have {} pixels; this model needs {pixels} for each",
                images.len()
            )));
        }
        let count = images.len() / pixels;
        if count > MAX_BATCH {
            return Err(RequestError::bad_request(format!(
                "{count} images were sent at once; the limit is {MAX_BATCH}"
            )));
        }
        if !self.vae().has_encoder() {
            return Err(RequestError::bad_request(
                "this model has a decoder alone: it cannot encode images",
            ));
        }
        self.check_conditioning(conditioning)?;
        let grey = images.iter().map(|&byte| f32::from(byte) / 255.0).collect();
        let Encoded { mu, sigma } = self
            .prepared
            .encode(grey, conditioning)
            .await
            .map_err(RequestError::backend_lost)?;
        Ok(Response::Encoded { mu, sigma })
    }

    /// Median time of one decode in milliseconds, over `runs` runs after a warm-up.
    ///
    /// # Errors
    /// When there are too many runs or none, or the device fails.
    pub(super) async fn time_decode(&self, runs: u32) -> Result<f64, RequestError> {
        const WARM_UP: u32 = 3;
        const MAX_RUNS: u32 = 1000;
        if !(1..=MAX_RUNS).contains(&runs) {
            return Err(RequestError::bad_request(format!(
                "runs is {runs}; it must be from 1 to {MAX_RUNS}"
            )));
        }
        let mut times = Vec::new();
        for run in 0..WARM_UP + runs {
            // A different z each time, as when a slider moves.
            let z = vec![(run as f32 / 10.0).sin(); self.latent_size];
            let start = Instant::now();
            self.pixels(z, &self.first_class()).await?;
            if run >= WARM_UP {
                times.push(start.elapsed().as_secs_f64() * 1e3);
            }
        }
        times.sort_by(f64::total_cmp);
        Ok(times[times.len() / 2])
    }

    /// Checks class weights `[classes]` against the model.
    ///
    /// # Errors
    /// When there are too many or too few, or one is not finite.
    pub(super) fn check_conditioning(&self, conditioning: &[f32]) -> Result<(), RequestError> {
        let (found, classes) = (conditioning.len(), self.classes);
        if found != classes {
            return Err(RequestError::bad_request(match classes {
                0 => format!("there are {found} class weights; this model takes no label"),
                _ => format!("there are {found} class weights; this model needs {classes}"),
            }));
        }
        match conditioning.iter().find(|value| !value.is_finite()) {
            Some(bad) => Err(RequestError::bad_request(format!(
                "the class weights contain {bad}; they must be finite"
            ))),
            None => Ok(()),
        }
    }

    /// The class weights of the first class, for passes whose result does not matter.
    fn first_class(&self) -> Vec<f32> {
        (0..self.classes)
            .map(|class| if class == 0 { 1.0 } else { 0.0 })
            .collect()
    }

    async fn pixels(&self, z: Vec<f32>, conditioning: &[f32]) -> Result<Vec<u8>, RequestError> {
        let means = self.prepared.decode(z, conditioning).await;
        Ok(means
            .map_err(RequestError::backend_lost)?
            .into_iter()
            .map(grey)
            .collect())
    }
}
