//! Moves z along its path while it glides.

use crate::dom;
use crate::latent::interpolation::Walk;
use crate::latent::play_path;
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;

/// Runs for the life of the page: each time the glide starts, moves z once a frame until it ends.
pub(crate) fn animate_while_playing(latent: LatentVector) {
    // Counts the glides, so that one that was ended and started within a frame runs once.
    let run = StoredValue::new(0_u32);
    // A model of another size brings another z, and another glide.
    let size = Memo::new(move |_| latent.size());
    Effect::new(move |_| {
        // Read, not only tracked: a memo that nobody reads follows nothing.
        size.get();
        if latent.playing() {
            run.update_value(|run| *run += 1);
            let glide = Glide {
                latent,
                run,
                this_run: run.get_value(),
                since: dom::now(),
            };
            match latent.current_walk() {
                Some(walk) => glide.walk(walk),
                None => glide.step(latent.z_untracked()),
            }
        }
    });
}

#[derive(Clone, Copy)]
struct Glide {
    latent: LatentVector,
    run: StoredValue<u32>,
    this_run: u32,
    since: f64,
}

impl Glide {
    fn step(self, from: Vec<f32>) {
        request_animation_frame(move || {
            if self.is_over(from.len()) {
                return;
            }
            self.latent.animate_to(play_path::at(&from, self.seconds()));
            self.step(from);
        });
    }

    fn walk(self, walk: Walk) {
        request_animation_frame(move || {
            let size = walk.end().map_or(0, Vec::len);
            if self.is_over(size) {
                return;
            }
            match walk.at(self.seconds()) {
                Some(z) => {
                    self.latent.animate_to(z);
                    self.walk(walk);
                }
                None => {
                    if let Some(end) = walk.end() {
                        self.latent.animate_to(end.clone());
                    }
                    self.latent.set_playing(false);
                }
            }
        });
    }

    fn seconds(self) -> f64 {
        (dom::now() - self.since) / 1000.0
    }

    /// Whether it was ended, or another one began; or z is another model's, of another size.
    fn is_over(self, size: usize) -> bool {
        !untrack(|| self.latent.playing())
            || self.run.get_value() != self.this_run
            || self.latent.z_untracked().len() != size
    }
}
