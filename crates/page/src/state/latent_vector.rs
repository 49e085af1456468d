//! State of the latent vector z.

use crate::dom;
use crate::latent::interpolation::InterpolationPath;
use crate::latent::{gaussian, play_path, round_to_step};
use leptos::prelude::*;
use std::collections::BTreeMap;

pub(crate) use client::change::LatentPoint;

/// z, and whether playback moves it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LatentVector {
    point: RwSignal<LatentPoint>,
    playing: RwSignal<bool>,
    /// The path that playback follows; `None` for [`play_path`].
    path: StoredValue<Option<InterpolationPath>>,
    /// The last z of each model that is not in use, by name.
    previous: StoredValue<BTreeMap<String, Vec<f32>>>,
}

impl LatentVector {
    /// Starts at `z`, or with playback along [`play_path`].
    pub(crate) fn new(size: usize, z: Option<Vec<f32>>) -> Self {
        // A z from the URL is shown as it is; `prefers-reduced-motion` disables automatic playback.
        let playing = z.is_none() && !dom::prefers_reduced_motion();
        Self {
            point: RwSignal::new(LatentPoint {
                z: z.unwrap_or_else(|| play_path::start(size)),
                at: dom::now(),
                by_user: false,
            }),
            playing: RwSignal::new(playing),
            path: StoredValue::default(),
            previous: StoredValue::default(),
        }
    }

    /// z and the time at which it was requested.
    pub(crate) fn point(&self) -> LatentPoint {
        self.point.get()
    }

    /// [`point`](Self::point), untracked.
    pub(crate) fn point_untracked(&self) -> LatentPoint {
        self.point.get_untracked()
    }

    /// The whole vector.
    pub(crate) fn z(&self) -> Vec<f32> {
        self.point.with(|point| point.z.clone())
    }

    /// The whole vector, untracked.
    pub(crate) fn z_untracked(&self) -> Vec<f32> {
        self.point.with_untracked(|point| point.z.clone())
    }

    /// One component; 0 if z has no such dimension.
    pub(crate) fn value(&self, index: usize) -> f32 {
        self.point
            .with(|point| point.z.get(index).copied().unwrap_or(0.0))
    }

    /// Number of latent dimensions.
    pub(crate) fn size(&self) -> usize {
        self.point.with(|point| point.z.len())
    }

    /// Whether playback moves z.
    pub(crate) fn playing(&self) -> bool {
        self.playing.get()
    }

    /// Sets one component, at the input event's time.
    pub(crate) fn set_one(&self, index: usize, value: f32, at: f64) {
        // Pausing first rounds the other components to the sliders' step.
        self.set_playing(false);
        let mut z = self.z_untracked();
        if let Some(component) = z.get_mut(index) {
            *component = value;
            self.set_by_user(z, at);
        }
    }

    /// Sets z to 0, the mean of the prior.
    pub(crate) fn reset(&self, at: f64) {
        self.set_by_user(vec![0.0; self.z_untracked().len()], at);
    }

    /// Sets z to a sample from p(z).
    pub(crate) fn sample(&self, at: f64) {
        self.set_by_user(gaussian::sample_prior(self.z_untracked().len()), at);
    }

    /// Sets z, at the input event's time. Ignored if the number of dimensions differs.
    pub(crate) fn set(&self, z: Vec<f32>, at: f64) {
        if z.len() == self.z_untracked().len() {
            self.set_by_user(z, at);
        }
    }

    fn set_by_user(&self, z: Vec<f32>, at: f64) {
        self.path.set_value(None);
        self.playing.set(false);
        self.point.set(LatentPoint {
            z,
            at,
            by_user: true,
        });
    }

    /// Sets z to the next point of playback.
    pub(crate) fn animate_to(&self, z: Vec<f32>) {
        self.point.set(LatentPoint {
            z,
            at: dom::now(),
            by_user: false,
        });
    }

    /// Starts playback along `path`. It ends with the path, or when the user sets z.
    pub(crate) fn play(&self, path: InterpolationPath) {
        self.playing.set(false);
        self.path.set_value(Some(path));
        self.playing.set(true);
    }

    /// The path that playback follows; `None` for [`play_path`].
    pub(crate) fn current_path(&self) -> Option<InterpolationPath> {
        self.path.get_value()
    }

    /// Starts playback along [`play_path`], or pauses.
    pub(crate) fn set_playing(&self, playing: bool) {
        if self.playing.get_untracked() == playing {
            return;
        }
        self.path.set_value(None);
        self.playing.set(playing);
        if !playing {
            // Sliders and URL can represent the z at which playback stops.
            self.animate_to(self.z_untracked().into_iter().map(round_to_step).collect());
        }
    }

    /// A model has another name: its previous z is found under it.
    pub(crate) fn rename_model(&self, from: &str, to: &str) {
        self.previous.update_value(|previous| {
            if let Some(z) = previous.remove(from) {
                previous.insert(to.to_owned(), z);
            }
        });
    }

    /// Follows a change of model. z is kept if the size is the same; otherwise the model's previous z is restored.
    pub(crate) fn change_model(&self, from: &str, to: &str, size: usize) {
        let z = self.z_untracked();
        if z.len() == size {
            return;
        }
        let next = self
            .previous
            .try_update_value(|previous| {
                previous.insert(from.to_owned(), z);
                previous.remove(to)
            })
            .flatten()
            .filter(|z| z.len() == size)
            .unwrap_or_else(|| play_path::start(size));
        self.animate_to(next);
    }
}
