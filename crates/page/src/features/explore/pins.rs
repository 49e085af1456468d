//! Pins: latent vectors that the user saved.

use crate::latent::{clamp_latent, round_to_step};
use leptos::prelude::*;

/// Limits the length of the URL, which holds all pins.
pub(crate) const MAX_PINS: usize = 12;

/// The pins of the current model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pins {
    pins: RwSignal<Vec<Vec<f32>>>,
}

impl Pins {
    /// Starts with the pins of the URL.
    pub(crate) fn new(pins: Vec<Vec<f32>>) -> Self {
        Self {
            pins: RwSignal::new(pins),
        }
    }

    /// All pins, each a z.
    pub(crate) fn all(&self) -> Vec<Vec<f32>> {
        self.pins.get()
    }

    /// Number of pins.
    pub(crate) fn count(&self) -> usize {
        self.pins.with(Vec::len)
    }

    /// One pin.
    pub(crate) fn get(&self, index: usize) -> Option<Vec<f32>> {
        self.pins.with(|pins| pins.get(index).cloned())
    }

    /// Adds a pin at z, unless there are [`MAX_PINS`] already.
    pub(crate) fn add(&self, z: &[f32]) {
        if untrack(|| self.count()) < MAX_PINS {
            let z = z.iter().map(|z| round_to_step(clamp_latent(*z))).collect();
            self.pins.update(|pins| pins.push(z));
        }
    }

    /// Removes a pin.
    pub(crate) fn remove(&self, index: usize) {
        self.pins.update(|pins| {
            if index < pins.len() {
                pins.remove(index);
            }
        });
    }

    /// Removes pins of another number of dimensions: those of a previous model.
    pub(crate) fn retain_size(&self, size: usize) {
        let all_fit = self
            .pins
            .with_untracked(|pins| pins.iter().all(|z| z.len() == size));
        if !all_fit {
            self.pins.update(|pins| pins.retain(|z| z.len() == size));
        }
    }
}
