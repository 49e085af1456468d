//! Starts and ends the glide.

use crate::features::decoder::latent::Latent;
use leptos::prelude::*;

/// The button.
#[component]
pub(crate) fn GlideButton() -> impl IntoView {
    let latent = expect_context::<Latent>();
    let gliding = Memo::new(move |_| latent.gliding());
    view! {
        <button
            type="button"
            class="glide quiet"
            data-testid="glide"
            title=move || if gliding.get() { "Hold z still" } else { "Let z glide along a path" }
            on:click=move |_| latent.set_gliding(!gliding.get_untracked())
        >
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <path d=move || {
                    if gliding.get() {
                        "M4 3h3v10H4zM9 3h3v10H9z"
                    } else {
                        "M4.5 2.6v10.8L13 8z"
                    }
                } />
            </svg>
            <span>{move || if gliding.get() { "Pause" } else { "Glide" }}</span>
        </button>
    }
}
