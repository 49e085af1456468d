//! What the client publishes about models, backends and images.

use crate::backend_selector::Attempt;
use protocol::{Backend, ImageShape, ModelInfo};
use std::sync::Arc;

/// A latent vector and the time at which it was requested.
#[derive(Debug, Clone, PartialEq)]
pub struct LatentPoint {
    /// z, `[latent]`.
    pub z: Vec<f32>,
    /// `timeStamp` of the input event, or the time at which playback moved z.
    pub at: f64,
    /// Whether the user moved it, as opposed to playback or a change of model.
    pub by_user: bool,
}

/// A decoded image.
#[derive(Debug, PartialEq)]
pub struct Frame {
    /// Its values, `[height, width, channels]`.
    pub pixels: Vec<u8>,
    /// Its shape.
    pub shape: ImageShape,
    /// The z that was decoded.
    pub point: LatentPoint,
}

/// Images of a batch that was decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodedBatch {
    /// The images, `[n, height, width, channels]`.
    pub images: Vec<u8>,
    /// The shape of one image.
    pub shape: ImageShape,
    /// Duration in milliseconds, without the time in the queue.
    pub ms: f64,
}

/// An image to encode.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Its shape.
    pub shape: ImageShape,
    /// Its values, `[height, width, channels]`.
    pub pixels: Vec<u8>,
    /// The time stamp of the input event, if there was one.
    pub at: f64,
}

/// An image with its q(z|x) = N(μ, diag σ²).
#[derive(Debug, PartialEq)]
pub struct Encoded {
    /// The image.
    pub image: Arc<Image>,
    /// The name of the model.
    pub model: String,
    /// μ, `[latent]`.
    pub mu: Vec<f32>,
    /// σ, `[latent]`.
    pub sigma: Vec<f32>,
}

/// An error that the page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineError {
    /// A model could not be loaded. The previous one stays current.
    Model {
        /// The name of the model.
        name: String,
        /// The cause.
        message: String,
    },
    /// No backend works.
    NoBackend {
        /// The cause.
        message: String,
    },
}

/// A change of the client's state.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The active backend; `None` until one is ready.
    Backend(Option<Backend>),
    /// A backend was tried.
    Attempt(Attempt),
    /// The card of the current model, before the model itself.
    Card(String),
    /// The current model.
    Model(ModelInfo),
    /// The name of the model that is loading.
    Loading(Option<String>),
    /// Model, weights, worker or label changed: results from before are stale.
    Generation,
    /// The latest decoded image.
    Frame(Arc<Frame>),
    /// The image to encode with its q(z|x) under the current model.
    Encoded(Option<Arc<Encoded>>),
    /// The current error.
    Error(Option<EngineError>),
    /// A message that is not an error.
    Notice(String),
}

/// Receives changes in the order in which they happen. It must not call the client.
pub type Listener = Box<dyn Fn(Change)>;
