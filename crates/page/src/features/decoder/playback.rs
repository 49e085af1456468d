//! Playback: moves z along a path, once per frame.

use crate::dom;
use crate::latent::interpolation::InterpolationPath;
use crate::latent::play_path;
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;

/// Runs for the life of the page: moves z once per frame while playback is on.
pub(crate) fn animate_while_playing(latent: LatentVector) {
    // Counts the runs, so that playback that was paused and restarted within one frame does not run twice.
    let run = StoredValue::new(0_u32);
    // A model with another latent size replaces z, so playback restarts.
    let size = Memo::new(move |_| latent.size());
    Effect::new(move |_| {
        // A memo that is never read does not notify, so `track` alone would not be enough.
        size.get();
        if latent.playing() {
            run.update_value(|run| *run += 1);
            let playback = Playback {
                latent,
                run,
                this_run: run.get_value(),
                started_at: dom::now(),
            };
            match latent.current_path() {
                Some(path) => playback.follow_path(path),
                None => playback.follow_play_path(latent.z_untracked()),
            }
        }
    });
}

#[derive(Clone, Copy)]
struct Playback {
    latent: LatentVector,
    run: StoredValue<u32>,
    this_run: u32,
    started_at: f64,
}

impl Playback {
    fn follow_play_path(self, from: Vec<f32>) {
        request_animation_frame(move || {
            if self.is_over(from.len()) {
                return;
            }
            self.latent.animate_to(play_path::at(&from, self.seconds()));
            self.follow_play_path(from);
        });
    }

    fn follow_path(self, path: InterpolationPath) {
        request_animation_frame(move || {
            let size = path.end().map_or(0, Vec::len);
            if self.is_over(size) {
                return;
            }
            match path.at(self.seconds()) {
                Some(z) => {
                    self.latent.animate_to(z);
                    self.follow_path(path);
                }
                None => {
                    if let Some(end) = path.end() {
                        self.latent.animate_to(end.clone());
                    }
                    self.latent.set_playing(false);
                }
            }
        });
    }

    fn seconds(self) -> f64 {
        (dom::now() - self.started_at) / 1000.0
    }

    /// Whether playback was paused or restarted, or the latent size changed with the model.
    fn is_over(self, size: usize) -> bool {
        !untrack(|| self.latent.playing())
            || self.run.get_value() != self.this_run
            || self.latent.z_untracked().len() != size
    }
}
