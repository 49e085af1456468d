//! The Play/Pause button.

use crate::state::latent_vector::LatentVector;
use crate::ui::button::Button;
use leptos::prelude::*;

/// The button's id.
pub(crate) const ID: &str = "play-pause";

/// Starts and pauses playback.
#[component]
pub(crate) fn PlayButton() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let playing = Memo::new(move |_| latent.playing());
    let title = move || {
        let text = if playing.get() {
            "Keep z fixed"
        } else {
            "Move z along a path"
        };
        text.to_owned()
    };
    view! {
        <Button
            class="play quiet"
            id=ID
            test_id="glide"
            title=title
            on_click=move |_| latent.set_playing(!playing.get_untracked())
        >
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <path d=move || {
                    if playing.get() {
                        "M4 3h3v10H4zM9 3h3v10H9z"
                    } else {
                        "M4.5 2.6v10.8L13 8z"
                    }
                } />
            </svg>
            <span>{move || if playing.get() { "Pause" } else { "Play" }}</span>
        </Button>
    }
}
