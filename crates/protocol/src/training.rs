//! Training, as the page asks for it and watches it.

use crate::ModelInfo;
use serde::{Deserialize, Serialize};
use spec::VaeConfig;

/// What a run starts from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Start {
    /// Fresh weights.
    Scratch {
        /// The model to build.
        architecture: VaeConfig,
    },
    /// The weights of a model, to be fine-tuned.
    Pretrained {
        /// Its card, JSON.
        card: String,
        /// Its safetensors.
        #[serde(with = "serde_bytes")]
        weights: Vec<u8>,
    },
    /// A run that was interrupted. It brings its own settings; those of the plan say when to stop,
    /// and count the whole run.
    Checkpoint {
        /// Seconds of training that the run has behind it.
        seconds: f64,
        /// The bytes of [`Event::Checkpoint`](crate::Event::Checkpoint).
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
}

/// What to do with a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Control {
    /// Hold after the step that is being made.
    Pause,
    /// Go on.
    Resume,
    /// Make one step and hold.
    StepOnce,
    /// Go on with at most so many steps a second; slow motion.
    Pace {
        /// Steps a second; none for as fast as it goes.
        steps_per_second: Option<f64>,
    },
    /// End the run and keep the best model.
    Stop,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Steps are made.
    Running,
    /// It waits for [`Control`].
    Paused,
    /// It has ended; its best model was sent.
    Done,
}

/// The ELBO's parts, means over images, in nats an image.
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
    /// KL(q(z|x) ‖ p(z)), all dimensions.
    pub fn kl(&self) -> f64 {
        self.kl_per_dimension.iter().sum()
    }
}

/// What a run says of itself, several times a second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// How it stands.
    pub phase: Phase,
    /// Steps done.
    pub step: u64,
    /// Seconds spent on training, pauses left out.
    pub seconds: f64,
    /// Share of the run that is done, from 0 to 1, by whichever limit comes first.
    pub share: f64,
    /// Steps a second, of late.
    pub steps_per_second: f64,
    /// Images a second, of late.
    pub images_per_second: f64,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// Means over the training batches since the last report; none before the first step.
    pub training: Option<Losses>,
    /// On the held-out images, when they have just been evaluated.
    pub held_out: Option<Losses>,
    /// Step and held-out −ELBO of the best model so far.
    pub best: Option<(u64, f64)>,
    /// Bytes that the worker's memory takes.
    pub heap_bytes: u64,
}

/// Pictures of a run, some times a second. All are grey bytes, 0 black, 255 white.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pictures {
    /// The step that they show.
    pub step: u64,
    /// Means decoded from z of the prior that stay the same throughout the run: `[n × 784]`.
    #[serde(with = "serde_bytes")]
    pub samples: Vec<u8>,
    /// Fixed digits, held-out ones where there are: `[n × 784]`.
    #[serde(with = "serde_bytes")]
    pub originals: Vec<u8>,
    /// Their reconstructions at z = μ: `[n × 784]`.
    #[serde(with = "serde_bytes")]
    pub reconstructions: Vec<u8>,
    /// For a two-dimensional model, μ of some hundred digits: `[n × 2]`; else empty.
    pub plane: Vec<f32>,
    /// The index of the image, in the order they were sent, of each point of the plane.
    pub plane_images: Vec<u32>,
}

/// A model that training has come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainedModel {
    /// What it is.
    pub info: ModelInfo,
    /// Its card, JSON.
    pub card: String,
    /// Its safetensors.
    #[serde(with = "serde_bytes")]
    pub weights: Vec<u8>,
}
