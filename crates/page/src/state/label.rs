//! The label that a conditional model is told.

use crate::latent::{label, to_step};
use leptos::prelude::*;

/// A label, and the moment it was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LabelInput {
    /// A class, counted from 0, or a place between two.
    pub(crate) label: f32,
    /// When: the input event's `timeStamp`.
    pub(crate) at: f64,
}

/// The label in use. It stays when another model comes, and means nothing to one without classes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    input: RwSignal<LabelInput>,
}

impl Label {
    /// This one, of an address, or else 0.
    pub(crate) fn new(label: Option<f32>) -> Self {
        let label = label.unwrap_or(0.0);
        Self {
            input: RwSignal::new(LabelInput { label, at: 0.0 }),
        }
    }

    /// The label with the moment it was asked for.
    pub(crate) fn input(&self) -> LabelInput {
        self.input.get()
    }

    /// The label.
    pub(crate) fn value(&self) -> f32 {
        self.input.with(|input| input.label)
    }

    /// The label as far as a model of so many classes has it.
    pub(crate) fn in_use(&self, classes: usize) -> f32 {
        self.value().min(label::largest(classes))
    }

    /// The class weights for a model of so many classes, `[classes]`, without following them.
    pub(crate) fn weights_untracked(&self, classes: usize) -> Vec<f32> {
        label::weights(self.input.get_untracked().label, classes)
    }

    /// Somebody chose this label, at the event's time.
    pub(crate) fn choose(&self, label: f32, at: f64) {
        let label = to_step(label);
        if self.input.get_untracked().label != label {
            self.input.set(LabelInput { label, at });
        }
    }
}
