//! The label that a conditional model is told.

use crate::latent::{label, to_step};
use leptos::prelude::*;

/// A label, and the moment it was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Told {
    /// A class, counted from 0, or a place between two.
    pub(crate) label: f32,
    /// When: the input event's `timeStamp`.
    pub(crate) at: f64,
}

/// The label in use. It stays when another model comes, and means nothing to one without classes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    told: RwSignal<Told>,
}

impl Label {
    /// This one, of an address, or else 0.
    pub(crate) fn new(label: Option<f32>) -> Self {
        let label = label.unwrap_or(0.0);
        Self {
            told: RwSignal::new(Told { label, at: 0.0 }),
        }
    }

    /// The label with the moment it was asked for.
    pub(crate) fn told(&self) -> Told {
        self.told.get()
    }

    /// The label.
    pub(crate) fn value(&self) -> f32 {
        self.told.with(|told| told.label)
    }

    /// The class weights for a model of so many classes, `[classes]`, without following them.
    pub(crate) fn weights_untracked(&self, classes: usize) -> Vec<f32> {
        label::weights(self.told.get_untracked().label, classes)
    }

    /// Somebody chose this label, at the event's time.
    pub(crate) fn choose(&self, label: f32, at: f64) {
        let label = to_step(label);
        if self.told.get_untracked().label != label {
            self.told.set(Told { label, at });
        }
    }
}
