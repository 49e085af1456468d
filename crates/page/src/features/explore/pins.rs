//! Places in the latent space that people marked.

use crate::latent::{held, to_step};
use leptos::prelude::*;

/// The most pins: a link holds all of them.
pub(crate) const MAX_PINS: usize = 12;

/// The pins of the model in use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pins {
    places: RwSignal<Vec<Vec<f32>>>,
}

impl Pins {
    /// These, of an address.
    pub(crate) fn new(places: Vec<Vec<f32>>) -> Self {
        Self {
            places: RwSignal::new(places),
        }
    }

    /// All pins, each a z.
    pub(crate) fn all(&self) -> Vec<Vec<f32>> {
        self.places.get()
    }

    /// Number of pins.
    pub(crate) fn count(&self) -> usize {
        self.places.with(Vec::len)
    }

    /// The z of one.
    pub(crate) fn get(&self, index: usize) -> Option<Vec<f32>> {
        self.places.with(|places| places.get(index).cloned())
    }

    /// Marks a z, unless there are [`MAX_PINS`] already.
    pub(crate) fn add(&self, z: &[f32]) {
        if untrack(|| self.count()) < MAX_PINS {
            let z = z.iter().map(|z| to_step(held(*z))).collect();
            self.places.update(|places| places.push(z));
        }
    }

    /// Takes one away.
    pub(crate) fn remove(&self, index: usize) {
        self.places.update(|places| {
            if index < places.len() {
                places.remove(index);
            }
        });
    }

    /// Takes away those that are not of this many dimensions: another model's.
    pub(crate) fn fit(&self, size: usize) {
        let all_fit = self
            .places
            .with_untracked(|places| places.iter().all(|z| z.len() == size));
        if !all_fit {
            self.places
                .update(|places| places.retain(|z| z.len() == size));
        }
    }
}
