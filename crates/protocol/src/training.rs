//! Training runs: their initial state, their controls and their reports.

use crate::ModelInfo;
use serde::{Deserialize, Serialize};
use spec::VaeConfig;

/// The initial state of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::large_enum_variant, reason = "there is one for each run")
)]
pub enum TrainingStart {
    /// Random weights.
    Scratch {
        /// The model to build.
        architecture: VaeConfig,
    },
    /// The weights of a model, for fine-tuning.
    Pretrained {
        /// Its card, JSON.
        card: String,
        /// Its safetensors.
        #[serde(with = "serde_bytes")]
        weights: Vec<u8>,
    },
    /// A run that was interrupted. Its own hyperparameters apply; the specification sent with it decides when the
    /// whole run ends.
    Checkpoint {
        /// Seconds of training before the interruption.
        seconds: f64,
        /// The bytes of [`Event::Checkpoint`](crate::Event::Checkpoint).
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
}

/// Controls a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum TrainingControl {
    /// Pause after the current step.
    Pause,
    /// Resume.
    Resume,
    /// Make one step and pause.
    StepOnce,
    /// Limit the speed, for slow motion.
    LimitSpeed {
        /// The most steps per second; `None` for no limit.
        steps_per_second: Option<f64>,
    },
    /// End the run with its best model.
    Stop,
}

/// The phase that a run is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrainingPhase {
    /// It makes steps.
    Running,
    /// It waits for a [`TrainingControl`].
    Paused,
    /// It has ended, and its best model was sent.
    Done,
}

/// The terms of the ELBO: means over images, in nats per image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Losses {
    /// −ELBO.
    pub neg_elbo: f64,
    /// −E_q[log p(x|z)].
    pub reconstruction: f64,
    /// KL(q(z|x) ‖ p(z)) for each latent dimension.
    pub kl_per_dimension: Vec<f64>,
}

impl Losses {
    /// KL(q(z|x) ‖ p(z)), summed over the dimensions.
    pub fn kl(&self) -> f64 {
        self.kl_per_dimension.iter().sum()
    }
}

/// Losses and speed of a run, reported several times a second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingProgress {
    /// The phase that the run is in.
    pub phase: TrainingPhase,
    /// Steps made.
    pub step: u64,
    /// Seconds of training, pauses excluded.
    pub seconds: f64,
    /// Fraction of the run that is complete, from 0 to 1, for the limit that comes first.
    pub fraction: f64,
    /// Recent steps per second.
    pub steps_per_second: f64,
    /// Recent images per second.
    pub images_per_second: f64,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// Means over the training batches since the previous report; `None` before the first step.
    pub training: Option<Losses>,
    /// The mean over the same batches of what the run maximizes, in nats per image, unless that is the ELBO: a bound of
    /// log p(x), or log p(x).
    #[serde(default)]
    pub objective: Option<f64>,
    /// Losses on the held-out images, when they have just been evaluated.
    pub held_out: Option<Losses>,
    /// Step and held-out −ELBO of the best model so far.
    pub best: Option<(u64, f64)>,
    /// Size of the worker's memory, in bytes.
    pub heap_bytes: u64,
}

/// Images of a run, reported a few times a second. All are grey values, 0 black, 255 white.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingSnapshot {
    /// The step that they belong to.
    pub step: u64,
    /// Decoded means of fixed samples from the prior: `[n × 784]`.
    #[serde(with = "serde_bytes")]
    pub samples: Vec<u8>,
    /// Fixed images, held-out ones where there are any: `[n, height, width, channels]`.
    #[serde(with = "serde_bytes")]
    pub originals: Vec<u8>,
    /// Their reconstructions at z = μ: `[n × 784]`.
    #[serde(with = "serde_bytes")]
    pub reconstructions: Vec<u8>,
    /// For a two-dimensional model, μ of some hundred images: `[n × 2]`; otherwise empty.
    pub plane: Vec<f32>,
    /// For each point of `plane`, the index of its image in the order in which they were sent.
    pub plane_images: Vec<u32>,
}

/// A model that was trained or imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedModel {
    /// Its description.
    pub info: ModelInfo,
    /// Its card, JSON.
    pub card: String,
    /// Its safetensors.
    #[serde(with = "serde_bytes")]
    pub weights: Vec<u8>,
}
