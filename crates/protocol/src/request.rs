//! Requests to an engine worker.

use crate::{
    ImageShape, ImportOptions, TrainingControl, TrainingSpec, TrainingStart,
    evidence::{EvidenceQuery, Observation},
};
use serde::{Deserialize, Serialize};

/// A request to an engine worker. Its response is the variant of [`Response`](crate::Response) that is named below, or
/// a [`RequestError`](crate::RequestError).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Replaces the model in use. If the new one does not load, the previous one stays in use. Response:
    /// [`Response::ModelLoaded`](crate::Response::ModelLoaded).
    LoadModel {
        /// The model card, JSON as in `weights/<name>.json`.
        card: String,
        /// The bytes of `weights/<name>.safetensors`.
        #[serde(with = "serde_bytes")]
        weights: Vec<u8>,
    },
    /// Decodes a batch of latent vectors to the mean of p(x|z). Response:
    /// [`Response::Decoded`](crate::Response::Decoded).
    Decode {
        /// `[n × latent_size]`, row by row.
        #[serde(with = "crate::floats")]
        z: Vec<f32>,
        /// `[classes]`, a weight for each class, shared by all rows; empty for an unconditional model.
        conditioning: Vec<f32>,
    },
    /// Encodes images with the model in use. Response: [`Response::Encoded`](crate::Response::Encoded).
    Encode {
        /// `[n × height × width]` grey values, light ink on black: 255 is full ink.
        #[serde(with = "serde_bytes")]
        images: Vec<u8>,
        /// `[classes]`, as in [`Decode`](Self::Decode).
        conditioning: Vec<f32>,
    },
    /// Computes something about log p(x) of an image. Response: [`Response::Evidence`](crate::Response::Evidence).
    Evidence {
        /// The image.
        observation: Observation,
        /// What to compute.
        query: EvidenceQuery,
    },
    /// Runs a small, fixed forward and backward pass, the same on every backend, so that two backends can be
    /// compared. Needs no model. Response: [`Response::SelfChecked`](crate::Response::SelfChecked).
    SelfCheck,
    /// Times the decoding of one z, from latent vector to pixels, after a warm-up. Response:
    /// [`Response::DecodeTimed`](crate::Response::DecodeTimed).
    TimeDecode {
        /// Number of timed runs.
        runs: u32,
    },
    /// Converts the state dict of a VAE from another program to a model with a card; the model in use stays.
    /// Response: [`Response::Imported`](crate::Response::Imported).
    Import {
        /// The name of the resulting model.
        name: String,
        /// A safetensors file with the layers of a PyTorch MLP VAE.
        #[serde(with = "serde_bytes")]
        weights: Vec<u8>,
        /// The card that came with it, if any. If it describes these very weights, the model keeps its contents.
        card: Option<String>,
        /// What a state dict does not contain.
        options: ImportOptions,
    },
    /// Starts a training run, in place of one that is in progress. Needs no model. Response:
    /// [`Response::TrainingStarted`](crate::Response::TrainingStarted); after it the run sends
    /// [`Event`](crate::Event)s.
    Train {
        /// How to train.
        spec: Box<TrainingSpec>,
        /// The initial state.
        start: TrainingStart,
        /// The shape of an image.
        image: ImageShape,
        /// The images, `[n, height, width, channels]`; grey ones have light ink on a dark ground.
        #[serde(with = "serde_bytes")]
        images: Vec<u8>,
    },
    /// Pauses, resumes, steps, slows or ends the run. Response, after at most one step:
    /// [`Response::TrainingControlled`](crate::Response::TrainingControlled).
    ControlTraining(TrainingControl),
    /// Makes training steps whose result is discarded, so that the first step of a run that may follow is as fast as
    /// the others. Needs no model. Response: [`Response::WarmedUp`](crate::Response::WarmedUp).
    WarmUp,
}
