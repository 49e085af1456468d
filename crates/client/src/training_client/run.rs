//! A run: how it starts, and what is known of it later.

use protocol::{Backend, ImageShape, Objective, TrainingSpec, TrainingStart, VaeConfig};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use worker::Bytes;

/// The images of a run. Clones share them.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingImages {
    /// Their shape.
    pub shape: ImageShape,
    /// Their pixels in order, in parts of whole images, each `[n × height × width × channels]`.
    pub parts: Vec<Bytes>,
}

impl Default for TrainingImages {
    fn default() -> Self {
        Self {
            shape: ImageShape::MNIST,
            parts: Vec::new(),
        }
    }
}

impl TrainingImages {
    /// Size in bytes.
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(Bytes::len).sum()
    }

    /// The first images, at most `count`.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let mut room = count.saturating_mul(self.shape.values());
        let parts = self.parts.iter().map(|part| {
            let first = part.slice(0..room);
            room -= first.len();
            first
        });
        Self {
            shape: self.shape,
            parts: parts.filter(|part| !part.is_empty()).collect(),
        }
    }

    /// The pixels of one image.
    pub fn image(&self, index: usize) -> Option<Vec<u8>> {
        let values = self.shape.values();
        let mut start = index.checked_mul(values)?;
        for part in &self.parts {
            if start < part.len() {
                return Some(part.slice(start..start + values).to_vec());
            }
            start -= part.len();
        }
        None
    }
}

/// A run to start.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// How to train.
    pub spec: TrainingSpec,
    /// The weights to start from.
    pub initial_weights: InitialWeights,
}

/// The weights that a run starts from.
#[derive(Debug, Clone, PartialEq)]
pub enum InitialWeights {
    /// Random weights.
    Scratch(Box<VaeConfig>),
    /// The included model of this name.
    Pretrained(String),
}

/// A run's state, without the images, from which it can be resumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The specification of the run.
    #[serde(rename = "plan")]
    pub spec: TrainingSpec,
    /// Number of finished steps.
    pub step: u64,
    /// Seconds of training so far.
    pub seconds: f64,
    /// The bytes for [`TrainingStart::Checkpoint`].
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// The description of a run, once its worker has started it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The name of its model.
    pub name: String,
    /// Its backend.
    pub backend: Backend,
    /// Number of training images.
    pub training_images: usize,
    /// Number of held-out images.
    pub held_out_images: usize,
    /// Number of latent dimensions.
    pub latent_size: usize,
    /// Number of workers that share each batch.
    pub workers: u32,
    /// Whether training images are shifted or warped at random. Held-out images never are.
    #[serde(default)]
    pub augmented: bool,
    /// What the run maximizes.
    #[serde(default)]
    pub objective: Objective,
    /// The shape of its images.
    #[serde(default = "mnist")]
    pub image: ImageShape,
}

/// The shape of the images of runs that earlier versions saved.
fn mnist() -> ImageShape {
    ImageShape::MNIST
}

impl RunInfo {
    /// The share of the images that is held out.
    pub fn held_out_share(&self) -> f64 {
        let images = self.training_images + self.held_out_images;
        self.held_out_images as f64 / images.max(1) as f64
    }
}

/// The run of the client.
pub(super) struct Run {
    pub(super) spec: TrainingSpec,
    /// The initial weights; `None` while they are being fetched, and for a run of an earlier visit.
    pub(super) start: Option<TrainingStart>,
    pub(super) checkpoint: Option<Arc<Checkpoint>>,
    pub(super) images: TrainingImages,
    pub(super) has_model: bool,
}
