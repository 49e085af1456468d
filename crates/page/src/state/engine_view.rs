//! What the engine does, for the page to show.

use crate::client::backend_selector::Attempt;
use crate::dom;
use crate::state::latent_vector::LatentPoint;
use leptos::prelude::*;
use protocol::{Backend, ModelInfo};
use std::sync::Arc;

/// The least time between two shown latencies while nobody touches anything, in ms: a number that
/// changes sixty times a second can't be read.
const CALM_MS: f64 = 500.0;

/// A decoded picture.
#[derive(Debug, PartialEq)]
pub(crate) struct Frame {
    /// Grey values, row by row.
    pub(crate) pixels: Vec<u8>,
    /// Height and width.
    pub(crate) size: [usize; 2],
    /// The z it was decoded from.
    pub(crate) point: LatentPoint,
}

impl Frame {
    /// A frame as it is handed about.
    pub(crate) fn new(pixels: Vec<u8>, size: [usize; 2], point: LatentPoint) -> Arc<Self> {
        Arc::new(Self {
            pixels,
            size,
            point,
        })
    }
}

/// An image that is to be encoded.
#[derive(Debug, PartialEq)]
pub(crate) struct Image {
    /// Grey values, row by row: light ink on black.
    pub(crate) pixels: Vec<u8>,
    /// When it was asked for: the input event's `timeStamp`, where there was one.
    pub(crate) at: f64,
}

/// An image with its q(z|x) = N(μ, diag σ²).
#[derive(Debug, PartialEq)]
pub(crate) struct Encoded {
    /// The image.
    pub(crate) image: Arc<Image>,
    /// Height and width.
    pub(crate) size: [usize; 2],
    /// The name of the model whose q it is.
    pub(crate) model: String,
    /// μ, `[latent]`.
    pub(crate) mu: Vec<f32>,
    /// σ, `[latent]`.
    pub(crate) sigma: Vec<f32>,
}

/// What went wrong, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EngineError {
    /// A model could not be had. The one before stays in use.
    Model {
        /// Its name.
        name: String,
        /// Why.
        message: String,
    },
    /// No backend is left.
    NoBackend {
        /// Why.
        message: String,
    },
}

/// The engine's signals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EngineView {
    /// The backend that draws; none before it is ready.
    pub(crate) active: RwSignal<Option<Backend>>,
    /// All rungs of the backend ladder that were tried, oldest first.
    pub(crate) attempts: RwSignal<Vec<Attempt>>,
    /// The model in use.
    pub(crate) model: RwSignal<Option<ModelInfo>>,
    /// The name of the model that is on its way.
    pub(crate) loading: RwSignal<Option<String>>,
    /// Counts the models, states of weights, workers and labels that came into use: what was decoded or
    /// encoded before the last change is out of date.
    pub(crate) generation: RwSignal<u64>,
    /// The newest picture.
    pub(crate) frame: RwSignal<Option<Arc<Frame>>>,
    /// The image that somebody encodes, with what the model in use makes of it.
    pub(crate) encoded: RwSignal<Option<Arc<Encoded>>>,
    /// The last time from input to pixels, in ms.
    pub(crate) latency: RwSignal<Option<f64>>,
    /// What went wrong.
    pub(crate) error: RwSignal<Option<EngineError>>,
    latency_shown_at: StoredValue<f64>,
}

impl EngineView {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self {
            active: RwSignal::new(None),
            attempts: RwSignal::new(Vec::new()),
            model: RwSignal::new(None),
            loading: RwSignal::new(None),
            generation: RwSignal::new(0),
            frame: RwSignal::new(None),
            encoded: RwSignal::new(None),
            latency: RwSignal::new(None),
            error: RwSignal::new(None),
            // The first is shown at once, however soon after the navigation it comes.
            latency_shown_at: StoredValue::new(f64::NEG_INFINITY),
        }
    }

    /// Where each class of digit lies on average, `[classes × latent]`; empty where the model does not say.
    pub(crate) fn class_means(&self) -> Vec<Vec<f32>> {
        self.model.with(|model| {
            model
                .as_ref()
                .map(|model| model.class_means.clone())
                .unwrap_or_default()
        })
    }

    /// A picture took this long. One that somebody asked for is always shown.
    pub(crate) fn note_latency(&self, ms: f64, by_user: bool) {
        let now = dom::now();
        if by_user || now - self.latency_shown_at.get_value() > CALM_MS {
            self.latency_shown_at.set_value(now);
            self.latency.set(Some(ms));
        }
    }
}
