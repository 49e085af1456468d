//! State of the conditioning label.

use crate::latent::{label, round_to_step};
use leptos::prelude::*;

/// A label and the time at which it was requested.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LabelInput {
    /// A class, counting from 0, or a value between two classes.
    pub(crate) label: f32,
    /// `timeStamp` of the input event.
    pub(crate) at: f64,
}

/// The current label. It is kept when the model changes, and ignored by models without classes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Label {
    input: RwSignal<LabelInput>,
}

impl Label {
    /// Starts with the label of the URL, or 0.
    pub(crate) fn new(label: Option<f32>) -> Self {
        let label = label.unwrap_or(0.0);
        Self {
            input: RwSignal::new(LabelInput { label, at: 0.0 }),
        }
    }

    /// The label and the time at which it was requested.
    pub(crate) fn input(&self) -> LabelInput {
        self.input.get()
    }

    /// The label.
    pub(crate) fn value(&self) -> f32 {
        self.input.with(|input| input.label)
    }

    /// The class that is nearest to the label. Untracked.
    pub(crate) fn rounded_untracked(&self) -> usize {
        self.input.get_untracked().label.round() as usize
    }

    /// The label, limited to the classes of a model.
    pub(crate) fn in_use(&self, classes: usize) -> f32 {
        self.value().min(label::max_label(classes))
    }

    /// Class weights, `[classes]`, for a model with this number of classes. Untracked.
    pub(crate) fn weights_untracked(&self, classes: usize) -> Vec<f32> {
        label::class_weights(self.input.get_untracked().label, classes)
    }

    /// Sets the label, at the input event's time.
    pub(crate) fn set(&self, label: f32, at: f64) {
        let label = round_to_step(label);
        if self.input.get_untracked().label != label {
            self.input.set(LabelInput { label, at });
        }
    }
}
