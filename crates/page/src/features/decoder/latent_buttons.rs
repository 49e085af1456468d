//! Buttons that set all components of z.

use crate::state::latent_vector::LatentVector;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// Samples z from the prior, or resets it to 0.
#[component]
pub(crate) fn LatentButtons() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    view! {
        <div class="actions">
            <button
                type="button"
                class="primary"
                id="sample-prior"
                data-testid="sample-prior"
                on:click=move |event| latent.sample(event.time_stamp())
            >
                "Sample "
                <i>"z"</i>
                " from "
                <i>"p"</i>
                "("
                <i>"z"</i>
                ")"
            </button>
            <button
                type="button"
                data-testid="reset-z"
                on:click=move |event| latent.reset(event.time_stamp())
            >
                "Reset to "
                <i>"z"</i>
                " = 0"
            </button>
            <span class="actions-note">
                <Tooltip text=glossary::PRIOR>
                    <i>"p"</i>
                    "("
                    <i>"z"</i>
                    ") = N(0, I)"
                </Tooltip>
            </span>
        </div>
    }
}
