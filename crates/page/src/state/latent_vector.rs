//! The latent vector z.

use crate::dom;
use crate::latent::interpolation::Walk;
use crate::latent::{gaussian, play_path, to_step};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// A z, and the moment it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LatentPoint {
    /// The latent vector.
    pub(crate) z: Vec<f32>,
    /// When: the input event's `timeStamp`, or when the page itself moved z.
    pub(crate) at: f64,
    /// Whether a person moved it.
    pub(crate) by_user: bool,
}

/// z and whether it moves by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LatentVector {
    point: RwSignal<LatentPoint>,
    /// Whether z glides along its path.
    playing: RwSignal<bool>,
    /// Where z goes while it glides; none for the opening's path.
    walk: StoredValue<Option<Walk>>,
    /// The last z of each model that was left.
    left: StoredValue<BTreeMap<String, Vec<f32>>>,
}

impl LatentVector {
    /// Starts at `z`, or on the glide's path.
    pub(crate) fn new(size: usize, z: Option<Vec<f32>>) -> Self {
        // An address with a z means that z; less motion means none.
        let playing = z.is_none() && !dom::prefers_reduced_motion();
        Self {
            point: RwSignal::new(LatentPoint {
                z: z.unwrap_or_else(|| play_path::start(size)),
                at: dom::now(),
                by_user: false,
            }),
            playing: RwSignal::new(playing),
            walk: StoredValue::default(),
            left: StoredValue::default(),
        }
    }

    /// z with the moment it was asked for.
    pub(crate) fn point(&self) -> LatentPoint {
        self.point.get()
    }

    /// The same, without following it.
    pub(crate) fn point_untracked(&self) -> LatentPoint {
        self.point.get_untracked()
    }

    /// The whole vector.
    pub(crate) fn z(&self) -> Vec<f32> {
        self.point.with(|point| point.z.clone())
    }

    /// The whole vector, without following it.
    pub(crate) fn z_untracked(&self) -> Vec<f32> {
        self.point.with_untracked(|point| point.z.clone())
    }

    /// The value of one dimension; 0 when z has no such dimension.
    pub(crate) fn value(&self, index: usize) -> f32 {
        self.point
            .with(|point| point.z.get(index).copied().unwrap_or(0.0))
    }

    /// The number of dimensions.
    pub(crate) fn size(&self) -> usize {
        self.point.with(|point| point.z.len())
    }

    /// Whether z moves by itself.
    pub(crate) fn playing(&self) -> bool {
        self.playing.get()
    }

    /// Somebody set one dimension, at the event's time.
    pub(crate) fn set_one(&self, index: usize, value: f32, at: f64) {
        // First, because it may be what the other dimensions come to rest from.
        self.set_playing(false);
        let mut z = self.z_untracked();
        if let Some(slot) = z.get_mut(index) {
            *slot = value;
            self.set_by_user(z, at);
        }
    }

    /// Back to the middle of the prior.
    pub(crate) fn reset(&self, at: f64) {
        self.set_by_user(vec![0.0; self.z_untracked().len()], at);
    }

    /// A draw from p(z).
    pub(crate) fn sample(&self, at: f64) {
        self.set_by_user(gaussian::draw(self.z_untracked().len()), at);
    }

    /// Somebody chose this z, of as many dimensions as there are.
    pub(crate) fn choose(&self, z: Vec<f32>, at: f64) {
        if z.len() == self.z_untracked().len() {
            self.set_by_user(z, at);
        }
    }

    fn set_by_user(&self, z: Vec<f32>, at: f64) {
        self.walk.set_value(None);
        self.playing.set(false);
        self.point.set(LatentPoint {
            z,
            at,
            by_user: true,
        });
    }

    /// The glide's next step.
    pub(crate) fn animate_to(&self, z: Vec<f32>) {
        self.move_to(z);
    }

    fn move_to(&self, z: Vec<f32>) {
        self.point.set(LatentPoint {
            z,
            at: dom::now(),
            by_user: false,
        });
    }

    /// Moves z along this walk from now on, until it ends or somebody takes hold of z.
    pub(crate) fn walk(&self, walk: Walk) {
        self.playing.set(false);
        self.walk.set_value(Some(walk));
        self.playing.set(true);
    }

    /// The walk that z is on.
    pub(crate) fn current_walk(&self) -> Option<Walk> {
        self.walk.get_value()
    }

    /// Starts or ends the glide.
    pub(crate) fn set_playing(&self, playing: bool) {
        if self.playing.get_untracked() == playing {
            return;
        }
        self.walk.set_value(None);
        self.playing.set(playing);
        if !playing {
            // Where it comes to rest is a z that the sliders and the address can say.
            self.move_to(self.z_untracked().into_iter().map(to_step).collect());
        }
    }

    /// Another model is in use. z stays when it fits, and comes back when it was left.
    pub(crate) fn change_model(&self, from: &str, to: &str, size: usize) {
        let z = self.z_untracked();
        if z.len() == size {
            return;
        }
        let next = self
            .left
            .try_update_value(|left| {
                left.insert(from.to_owned(), z);
                left.remove(to)
            })
            .flatten()
            .filter(|z| z.len() == size)
            .unwrap_or_else(|| play_path::start(size));
        self.move_to(next);
    }
}
