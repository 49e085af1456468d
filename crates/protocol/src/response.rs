//! Responses and events of an engine worker.

use crate::{
    ImportQuestion, ImportReading, ModelInfo, SelfCheck, TrainedModel, TrainingPhase,
    TrainingProgress, TrainingSnapshot, evidence::EvidenceResult,
};
use serde::{Deserialize, Serialize};

/// The response of an engine worker to a [`Request`](crate::Request).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Response {
    /// To [`Request::LoadModel`](crate::Request::LoadModel) : the model now in use.
    ModelLoaded(ModelInfo),
    /// To [`Request::Decode`](crate::Request::Decode).
    Decoded {
        /// `[n × height × width]` grey values of the mean of p(x|z): 0 is black, 255 is white.
        #[serde(with = "serde_bytes")]
        pixels: Vec<u8>,
    },
    /// To [`Request::Encode`](crate::Request::Encode): q(z|x) for each image.
    Encoded {
        /// `[n × latent]`, μ.
        #[serde(with = "crate::floats")]
        mu: Vec<f32>,
        /// `[n × latent]`, σ.
        #[serde(with = "crate::floats")]
        sigma: Vec<f32>,
    },
    /// To [`Request::Evidence`](crate::Request::Evidence).
    Evidence(EvidenceResult),
    /// To [`Request::SelfCheck`](crate::Request::SelfCheck).
    SelfChecked(SelfCheck),
    /// To [`Request::TimeDecode`](crate::Request::TimeDecode).
    DecodeTimed {
        /// Median time of one decode, in milliseconds.
        median_ms: f64,
    },
    /// To [`Request::Import`](crate::Request::Import).
    Imported(ImportedModel),
    /// To [`Request::Train`](crate::Request::Train).
    TrainingStarted {
        /// Number of images to train on.
        training_images: usize,
        /// Number of images held out.
        held_out_images: usize,
        /// Number of latent dimensions.
        latent_size: usize,
        /// Steps already made, when the run resumes from a checkpoint.
        step: u64,
        /// Workers that share each batch.
        workers: u32,
    },
    /// To [`Request::ControlTraining`](crate::Request::ControlTraining).
    TrainingControlled {
        /// The phase that the run is in now.
        phase: TrainingPhase,
    },
    /// To [`Request::WarmUp`](crate::Request::WarmUp).
    WarmedUp,
}

/// A state dict that was converted to a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportedModel {
    /// The model, ready to be loaded.
    pub model: TrainedModel,
    /// For each layer of the model, the name of the layer in the file.
    pub mapping: Vec<(String, String)>,
    /// The readings of the file, the best first; empty if its card describes it.
    pub readings: Vec<ImportReading>,
    /// The index of the reading that the model was made of.
    pub reading: usize,
    /// What the file does not tell about this reading.
    pub questions: Vec<ImportQuestion>,
    /// Whether the model has an encoder.
    pub has_encoder: bool,
}

/// An event of an engine worker, which is not the response to a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The backend is set up; requests are served from now on.
    Ready {
        /// The device that the backend runs on (the GPU adapter's name), where it is known.
        device: Option<String>,
    },
    /// Losses and speed of the run, several times a second.
    TrainingProgress(TrainingProgress),
    /// Images of the run, a few times a second.
    TrainingSnapshot(TrainingSnapshot),
    /// The newest averaged weights of the run or, at its end, the best ones.
    TrainingModel {
        /// Whether the run has ended and this is its best model.
        is_final: bool,
        /// The model.
        model: TrainedModel,
    },
    /// All that is needed to resume the run after an interruption, every few seconds.
    Checkpoint {
        /// Steps made.
        step: u64,
        /// Seconds of training, pauses excluded.
        seconds: f64,
        /// For [`TrainingStart::Checkpoint`](crate::TrainingStart::Checkpoint).
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// The loss of the run diverged: the run was rolled back to its last snapshot and paused.
    Diverged {
        /// What happened and the learning rate at which the run would resume, to be shown to the user.
        message: String,
        /// That learning rate.
        learning_rate: f64,
    },
}
