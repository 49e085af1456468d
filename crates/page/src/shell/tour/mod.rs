//! The tour of the page, in a strip above the stage that covers nothing.

pub(crate) mod highlight;
pub(crate) mod state;
pub(crate) mod steps;

use crate::dom::focus;
use crate::state::latent_vector::LatentVector;
use crate::ui::button::{Button, ButtonKind};
use leptos::{ev, prelude::*};
use state::Tour;
use steps::STEPS;

/// What the page is, on a phone.
const ABOUT: &str = "ELBO Room: a variational autoencoder in your browser. ";

/// The strip, while the tour is shown.
#[component]
pub(crate) fn TourStrip() -> impl IntoView {
    let tour = expect_context::<Tour>();
    let step = move || tour.step.get().and_then(|at| STEPS.get(at).copied());
    Effect::new(move |was_shown: Option<bool>| {
        let step = step();
        highlight::highlight(step);
        match step {
            // After the layout of this step's text, whose height is then known to the page's `scroll-padding`.
            Some(step) => request_animation_frame(move || {
                request_animation_frame(move || highlight::scroll_into_view(step));
            }),
            // The button that ended it is gone.
            None if was_shown == Some(true) => {
                focus::restore_if_lost(|| document().get_element_by_id(state::BUTTON_ID));
            }
            None => {}
        }
        step.is_some()
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
                        <Show when=first>
                            // The title is out of view where the page scrolls to the first step.
                            <span class="tour-about">{ABOUT}</span>
                        </Show>
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tours_first_step_is_that_of_the_page_that_is_still_loading() {
        let script = include_str!("../../../../../www/first-digit.js");
        let count = format!("1 of {}", STEPS.len());
        for text in [ABOUT, STEPS[0].title, STEPS[0].text, &count] {
            assert!(script.contains(text), "{text}");
        }
    }
}
