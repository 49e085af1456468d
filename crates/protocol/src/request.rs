//! What the page asks of a worker.

use crate::{
    Control, ImportGuess, RequestId, Start, TrainingSpec,
    evidence::{Evidence, Subject},
};
use serde::{Deserialize, Serialize};

/// A request from the page to a worker. Each is answered by exactly one [`Event`](crate::Event)
/// with the same id: the one named, or [`Event::Failed`](crate::Event::Failed).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Makes this the model that the requests after it use. A model that does not load leaves the
    /// one before in place. Answer: [`Event::ModelLoaded`](crate::Event::ModelLoaded).
    LoadModel {
        /// Ties the answer to this request.
        id: RequestId,
        /// The model card, JSON as in `weights/<name>.json`.
        card: String,
        /// The bytes of `weights/<name>.safetensors`.
        #[serde(with = "serde_bytes")]
        weights: Vec<u8>,
    },
    /// Decodes a batch of latent vectors to the mean of p(x|z). Answer:
    /// [`Event::Decoded`](crate::Event::Decoded).
    Decode {
        /// Ties the answer to this request.
        id: RequestId,
        /// `[n × latent_size]`, row by row.
        #[serde(with = "crate::floats")]
        z: Vec<f32>,
        /// `[classes]`, a weight for each class, the same for all rows; empty for a model without classes.
        condition: Vec<f32>,
    },
    /// Runs a small, fixed forward and backward pass, the same on every backend, so that the page
    /// can compare two backends. Needs no model. Answer:
    /// [`Event::SelfChecked`](crate::Event::SelfChecked).
    SelfCheck {
        /// Ties the answer to this request.
        id: RequestId,
    },
    /// Encodes images with the model in use. Answer: [`Event::Encoded`](crate::Event::Encoded).
    Encode {
        /// Ties the answer to this request.
        id: RequestId,
        /// `[n × height × width]` grey values, light ink on black: 255 is full ink.
        #[serde(with = "serde_bytes")]
        images: Vec<u8>,
        /// `[classes]`, as in [`Decode`](Self::Decode).
        condition: Vec<f32>,
    },
    /// Finds out something about log p(x) of an image. Answer: [`Event::Examined`](crate::Event::Examined).
    Examine {
        /// Ties the answer to this request.
        id: RequestId,
        /// The image.
        subject: Subject,
        /// What is to be known.
        evidence: Evidence,
    },
    /// Times the decoding of one z, from request to pixels, after a warm-up. Answer:
    /// [`Event::DecodeTimed`](crate::Event::DecodeTimed).
    TimeDecode {
        /// Ties the answer to this request.
        id: RequestId,
        /// Number of timed runs.
        runs: u32,
    },
    /// Turns the state dict of somebody else's VAE into a model with a card; the model in use stays.
    /// Answer: [`Event::Imported`](crate::Event::Imported).
    Import {
        /// Ties the answer to this request.
        id: RequestId,
        /// The name that the model is to have.
        name: String,
        /// A safetensors file with the layers of a PyTorch MLP VAE.
        #[serde(with = "serde_bytes")]
        weights: Vec<u8>,
        /// The card that was beside it, if there was one. Where it is the weights' own, the model
        /// keeps all that it says.
        card: Option<String>,
        /// What a state dict does not say.
        guess: ImportGuess,
    },
    /// Starts a training run, in place of one that is under way. Needs no model. Answer:
    /// [`Event::TrainingStarted`](crate::Event::TrainingStarted); after it the run speaks for
    /// itself, in events without an id.
    Train {
        /// Ties the answer to this request.
        id: RequestId,
        /// How to train.
        spec: TrainingSpec,
        /// What to start from.
        start: Start,
        /// The images, `[n × 784]`, light ink on a dark ground.
        #[serde(with = "serde_bytes")]
        images: Vec<u8>,
    },
    /// Pauses, resumes, steps, slows or ends the run. Answer:
    /// [`Event::TrainingControlled`](crate::Event::TrainingControlled), after at most one step.
    ControlTraining {
        /// Ties the answer to this request.
        id: RequestId,
        /// What to do.
        control: Control,
    },
    /// Makes training steps of no consequence for a moment, so that the first one of a run that may follow is as
    /// quick as the others. Needs no model. Answer: [`Event::WarmedUp`](crate::Event::WarmedUp).
    WarmUp {
        /// Ties the answer to this request.
        id: RequestId,
    },
}

impl Request {
    /// The id that the answer will carry.
    pub fn id(&self) -> RequestId {
        match self {
            Self::LoadModel { id, .. }
            | Self::Decode { id, .. }
            | Self::SelfCheck { id }
            | Self::TimeDecode { id, .. }
            | Self::Encode { id, .. }
            | Self::Examine { id, .. }
            | Self::Import { id, .. }
            | Self::Train { id, .. }
            | Self::ControlTraining { id, .. }
            | Self::WarmUp { id } => *id,
        }
    }
}
