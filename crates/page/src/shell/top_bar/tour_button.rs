//! Starts the tour again.

use crate::shell::tour::state::{self, Tour};
use crate::ui::button::Button;
use leptos::prelude::*;

/// The button.
#[component]
pub(crate) fn TourButton() -> impl IntoView {
    let tour = expect_context::<Tour>();
    view! {
        <Button
            class="tool icon-only"
            id=state::BUTTON_ID
            test_id="tour-again"
            label="A short tour"
            title="A short tour"
            on_click=move |_| tour.start()
        >
            <svg viewBox="0 0 20 20" aria-hidden="true">
                <path d="M7.2 7.4a2.8 2.8 0 1 1 4.2 2.5c-.9.5-1.4 1-1.4 2M10 14.6v.1M10 2.5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 0 0 0-15z" />
            </svg>
        </Button>
    }
}
