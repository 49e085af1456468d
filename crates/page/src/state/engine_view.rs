//! The state of the engine, as signals.

use crate::dom;
use crate::latent::class_names::{ClassNames, ImageKind};
use crate::state::model_card::{self, CardData};
use client::backend_selector::Attempt;
use leptos::prelude::*;
use protocol::{Backend, ImageShape, ModelInfo};
use std::sync::Arc;

pub(crate) use client::change::{Encoded, EngineError, Frame, Image};

/// The shortest time between two updates of the latency during playback, in ms: a number that changes sixty times
/// per second cannot be read.
const LATENCY_INTERVAL_MS: f64 = 500.0;

/// Signals that the engine writes and components read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EngineView {
    /// The active backend; `None` until it is ready.
    pub(crate) active: RwSignal<Option<Backend>>,
    /// The backends that were tried, oldest first.
    pub(crate) attempts: RwSignal<Vec<Attempt>>,
    /// The current model.
    pub(crate) model: RwSignal<Option<ModelInfo>>,
    /// What the current model's card says of its data.
    pub(crate) data: RwSignal<Arc<CardData>>,
    /// The name of the model that is loading.
    pub(crate) loading: RwSignal<Option<String>>,
    /// Increases with each change of model, weights, worker or label. Results of an earlier generation are stale.
    pub(crate) generation: RwSignal<u64>,
    /// The latest decoded image.
    pub(crate) frame: RwSignal<Option<Arc<Frame>>>,
    /// The image to encode with its q(z|x) under the current model.
    pub(crate) encoded: RwSignal<Option<Arc<Encoded>>>,
    /// The latest time from input to pixels, in ms.
    pub(crate) latency: RwSignal<Option<f64>>,
    /// The current error.
    pub(crate) error: RwSignal<Option<EngineError>>,
    latency_shown_at: StoredValue<f64>,
}

impl EngineView {
    /// The state before anything is loaded.
    pub(crate) fn new() -> Self {
        Self {
            active: RwSignal::new(None),
            attempts: RwSignal::new(Vec::new()),
            model: RwSignal::new(None),
            data: RwSignal::new(Arc::default()),
            loading: RwSignal::new(None),
            generation: RwSignal::new(0),
            frame: RwSignal::new(None),
            encoded: RwSignal::new(None),
            latency: RwSignal::new(None),
            error: RwSignal::new(None),
            // The first latency is shown at once.
            latency_shown_at: StoredValue::new(f64::NEG_INFINITY),
        }
    }

    /// The name and the latent size of the current model. Views of a model are cleared when they change; newer weights
    /// of the same model keep both.
    pub(crate) fn model_key(&self) -> Option<(String, usize)> {
        self.model.with(|model| {
            model
                .as_ref()
                .map(|model| (model.name.clone(), model.latent_size))
        })
    }

    /// Takes in the card of the model that is about to become the current one.
    pub(crate) fn card_changed(&self, card: &str) {
        let data = model_card::data(card).unwrap_or_default();
        // During training, cards arrive several times per second.
        if self.data.with_untracked(|before| **before != data) {
            self.data.set(Arc::new(data));
        }
    }

    /// The shape of the current model's images; that of MNIST's digits before there is a model.
    pub(crate) fn shape(&self) -> ImageShape {
        self.model.with(|model| {
            model
                .as_ref()
                .map_or(ImageShape::MNIST, |model| model.image)
        })
    }

    /// The names of the current model's classes.
    pub(crate) fn class_names(&self) -> ClassNames {
        self.data.with(|data| data.class_names.clone())
    }

    /// What the current model's images are called.
    pub(crate) fn image_kind(&self) -> ImageKind {
        self.class_names().image_kind(self.shape())
    }

    /// The mean of μ for each class, `[classes × latent]`; empty if the model's card has none.
    pub(crate) fn class_means(&self) -> Vec<Vec<f32>> {
        self.model.with(|model| {
            model
                .as_ref()
                .map(|model| model.class_means.clone())
                .unwrap_or_default()
        })
    }

    /// Records the latency of an image. That of a user's input is always shown.
    pub(crate) fn note_latency(&self, ms: f64, by_user: bool) {
        let now = dom::now();
        if by_user || now - self.latency_shown_at.get_value() > LATENCY_INTERVAL_MS {
            self.latency_shown_at.set_value(now);
            self.latency.set(Some(ms));
        }
    }
}
