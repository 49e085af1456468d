//! Handles requests one after another.

mod loaded_model;
#[cfg(test)]
mod tests;

use crate::{
    chunk,
    evidence::EvidenceSolver,
    import::StateDictFile,
    training::{ControlledRun, Images},
};
use burn::tensor::Device;
use loaded_model::LoadedModel;
pub use loaded_model::MAX_BATCH;
use protocol::{
    Event, Request, RequestError, Response, SelfCheck, TrainingControl,
    evidence::{EvidenceQuery, Observation},
};
use std::time::Duration;
use vae::{KernelPath, train::GradientWorker};

/// A device, the model in use on it, and the training run, if there is one.
pub struct Session {
    device: Device,
    /// How the session's models compute.
    kernel_path: KernelPath,
    model: Option<LoadedModel>,
    /// Caches results for queries about the model in use.
    evidence: EvidenceSolver,
    training: Option<Box<dyn ControlledRun>>,
}

impl Session {
    /// A session without a model.
    pub fn new(device: Device) -> Self {
        Self {
            device,
            kernel_path: KernelPath::default(),
            model: None,
            evidence: EvidenceSolver::default(),
            training: None,
        }
    }

    /// Sets how the session's models compute; the default is [`KernelPath::Fused`].
    pub fn with_kernel_path(self, kernel_path: KernelPath) -> Self {
        Self {
            kernel_path,
            ..self
        }
    }

    /// Serves a request.
    ///
    /// # Errors
    /// If it can't be served. The session's state is unchanged then.
    pub async fn handle(&mut self, request: Request) -> Result<Response, RequestError> {
        match request {
            Request::LoadModel { card, weights } => self.load(&card, &weights).await,
            Request::Decode { z, conditioning } => {
                let pixels = self.model()?.decode(z, &conditioning).await?;
                Ok(Response::Decoded { pixels })
            }
            Request::Encode {
                images,
                conditioning,
            } => self.model()?.encode(&images, &conditioning).await,
            Request::Evidence { observation, query } => self.evidence(observation, query).await,
            Request::SelfCheck => self.self_check().await,
            Request::TimeDecode { runs } => {
                let median_ms = self.model()?.time_decode(runs).await?;
                Ok(Response::DecodeTimed { median_ms })
            }
            Request::Import {
                name,
                weights,
                card,
                options,
            } => {
                let file = StateDictFile {
                    name,
                    weights: &weights,
                    card: card.as_deref(),
                };
                let import = chunk::import().await?;
                let imported = import(file, options, &self.device).await?;
                Ok(Response::Imported(imported))
            }
            Request::Train {
                spec,
                start,
                image,
                images,
            } => {
                let images = Images {
                    shape: image,
                    pixels: images,
                };
                let start_training = chunk::start_training().await?;
                let training =
                    start_training(*spec, start, images, &self.device, self.kernel_path)?;
                let started = training.started();
                self.training = Some(training);
                Ok(started)
            }
            Request::ControlTraining(control) => self.control(control),
            Request::WarmUp => {
                let warm_up = chunk::warm_up().await?;
                warm_up(&self.device, self.kernel_path).await?;
                Ok(Response::WarmedUp)
            }
        }
    }

    /// Whether a training run is in progress and not paused, so that [`train`](Self::train) has to be called.
    pub fn is_training(&self) -> bool {
        self.training.as_ref().is_some_and(|run| run.is_running())
    }

    /// Makes training steps for some milliseconds and returns what the run reports. To be called repeatedly while
    /// [`is_training`](Self::is_training), with requests served in between. A gradient worker computes half of each batch.
    ///
    /// # Errors
    /// When the device fails. The run is then paused.
    pub async fn train<'a>(
        &'a mut self,
        gradient_worker: Option<&'a mut dyn GradientWorker>,
    ) -> Result<Vec<Event>, RequestError> {
        match &mut self.training {
            Some(training) => training.advance(gradient_worker).await,
            None => Ok(Vec::new()),
        }
    }

    /// The time until the next step of a run in slow motion; `None` if a step is due now.
    pub fn delay(&self) -> Option<Duration> {
        self.training.as_ref().and_then(|run| run.delay())
    }

    fn control(&mut self, control: TrainingControl) -> Result<Response, RequestError> {
        let training = self
            .training
            .as_mut()
            .ok_or_else(|| RequestError::bad_request("there is no training run"))?;
        let phase = training.control(control)?;
        Ok(Response::TrainingControlled { phase })
    }

    async fn load(&mut self, card: &str, weights: &[u8]) -> Result<Response, RequestError> {
        let (model, info) =
            LoadedModel::load(card, weights, &self.device, self.kernel_path).await?;
        self.model = Some(model);
        self.evidence = EvidenceSolver::default();
        Ok(Response::ModelLoaded(info))
    }

    async fn evidence(
        &mut self,
        observation: Observation,
        query: EvidenceQuery,
    ) -> Result<Response, RequestError> {
        let model = self.model.as_ref().ok_or_else(no_model)?;
        model.check_conditioning(&observation.conditioning)?;
        let solve = chunk::evidence().await?;
        let (solver, device) = (&mut self.evidence, &self.device);
        let result = solve(solver, model.vae(), observation, query, device).await?;
        Ok(Response::Evidence(result))
    }

    async fn self_check(&self) -> Result<Response, RequestError> {
        let result = vae::self_check(&self.device, self.kernel_path)
            .await
            .map_err(RequestError::backend_lost)?;
        Ok(Response::SelfChecked(SelfCheck {
            neg_elbo: result.neg_elbo,
            decoded: result.decoded,
            gradients: result.gradients,
        }))
    }

    fn model(&self) -> Result<&LoadedModel, RequestError> {
        self.model.as_ref().ok_or_else(no_model)
    }
}

fn no_model() -> RequestError {
    RequestError::bad_request("no model is loaded yet")
}
