//! The tour of the page, in a strip above the stage that covers nothing.

pub(crate) mod highlight;
pub(crate) mod state;
pub(crate) mod steps;

use crate::state::latent_vector::LatentVector;
use crate::ui::button::{Button, ButtonKind};
use leptos::{ev, prelude::*};
use state::Tour;
use steps::STEPS;

/// The strip, while the tour is shown.
#[component]
pub(crate) fn TourStrip() -> impl IntoView {
    let tour = expect_context::<Tour>();
    let step = move || tour.step.get().and_then(|at| STEPS.get(at).copied());
    Effect::new(move |_| {
        let step = step();
        highlight::highlight(step);
        if let Some(step) = step {
            // After the layout of this step's text.
            request_animation_frame(move || highlight::scroll_into_view(step));
        }
    });
    pause_playback(tour, expect_context::<LatentVector>());
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && tour.step.get_untracked().is_some() {
            tour.end();
        }
    });
    on_cleanup(move || escape.remove());
    let shown = Memo::new(move |_| tour.step.get().is_some());
    let first = move || tour.step.get() == Some(0);
    let last = move || tour.step.get() == Some(STEPS.len() - 1);
    view! {
        <div class="tour-place" id="tour-place">
            <Show when=move || shown.get()>
                <section class="tour" aria-label="Tour" data-testid="tour">
                    <p aria-live="polite">
                        <b>{move || step().map(|step| step.title)}</b>
                        " "
                        {move || step().map(|step| step.text)}
                    </p>
                    <div class="tour-buttons">
                        <span class="tour-count">
                            {move || format!("{} of {}", tour.step.get().map_or(0, |at| at + 1), STEPS.len())}
                        </span>
                        <Button test_id="tour-skip" on_click=move |_| tour.end()>
                            "Skip"
                        </Button>
                        <Button test_id="tour-back" disabled=first on_click=move |_| tour.go(-1)>
                            "Back"
                        </Button>
                        <Button kind=ButtonKind::Primary test_id="tour-next" on_click=move |_| tour.go(1)>
                            {move || if last() { "Done" } else { "Next" }}
                        </Button>
                    </div>
                </section>
            </Show>
        </div>
    }
}

/// Stops playback during the tour, whose first step asks to drag a slider. It continues when the tour ends, unless the
/// user has set z.
fn pause_playback(tour: Tour, latent: LatentVector) {
    let shown = Memo::new(move |_| tour.step.get().is_some());
    Effect::new(move |paused: Option<bool>| {
        if shown.get() {
            let playing = untrack(|| latent.playing());
            latent.set_playing(false);
            playing
        } else {
            if paused == Some(true) && !latent.point_untracked().by_user {
                latent.set_playing(true);
            }
            false
        }
    });
}
