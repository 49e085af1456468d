//! Moves z along its path while it glides.

use crate::{dom, latent::glide_path, state::Latent};
use leptos::prelude::*;

/// Runs for the life of the page: each time the glide starts, moves z once a frame until it ends.
pub(crate) fn glide_while_asked(latent: Latent) {
    // Counts the glides, so that one that was ended and started within a frame runs once.
    let run = StoredValue::new(0_u32);
    // A model of another size brings another z, and another glide.
    let size = Memo::new(move |_| latent.size());
    Effect::new(move |_| {
        // Read, not only tracked: a memo that nobody reads follows nothing.
        size.get();
        if latent.gliding() {
            run.update_value(|run| *run += 1);
            let glide = Glide {
                latent,
                run,
                this_run: run.get_value(),
                since: dom::now(),
            };
            glide.step(latent.z_untracked());
        }
    });
}

#[derive(Clone, Copy)]
struct Glide {
    latent: Latent,
    run: StoredValue<u32>,
    this_run: u32,
    since: f64,
}

impl Glide {
    fn step(self, from: Vec<f32>) {
        request_animation_frame(move || {
            let over = !untrack(|| self.latent.gliding()) || self.run.get_value() != self.this_run;
            // After a change of model, z is not this glide's any more.
            if over || self.latent.z_untracked().len() != from.len() {
                return;
            }
            let seconds = (dom::now() - self.since) / 1000.0;
            self.latent.glide_to(glide_path::at(&from, seconds));
            self.step(from);
        });
    }
}
