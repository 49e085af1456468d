//! The tour of the page, in a strip above the stage that covers nothing.

pub(crate) mod highlight;
pub(crate) mod state;
pub(crate) mod steps;

use state::Tour;

use crate::ui::button::{Button, ButtonKind};
use leptos::{ev, prelude::*};
use steps::STEPS;

/// The strip, while the tour is shown.
#[component]
pub(crate) fn TourStrip() -> impl IntoView {
    let tour = expect_context::<Tour>();
    let step = move || tour.step.get().and_then(|at| STEPS.get(at).copied());
    Effect::new(move |_| highlight::highlight(step()));
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && tour.step.get_untracked().is_some() {
            tour.end();
        }
    });
    on_cleanup(move || escape.remove());
    let go = move |by: isize| {
        tour.go(by);
        if let Some(step) = untrack(step) {
            highlight::scroll_into_view(step);
        }
    };
    let shown = Memo::new(move |_| tour.step.get().is_some());
    let first = move || tour.step.get() == Some(0);
    let last = move || tour.step.get() == Some(STEPS.len() - 1);
    view! {
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
                    <Button test_id="tour-back" disabled=first on_click=move |_| go(-1)>
                        "Back"
                    </Button>
                    <Button kind=ButtonKind::Primary test_id="tour-next" on_click=move |_| go(1)>
                        {move || if last() { "Done" } else { "Next" }}
                    </Button>
                </div>
            </section>
        </Show>
    }
}
