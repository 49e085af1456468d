//! Buttons that set all components of z.

use crate::state::latent_vector::LatentVector;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{ev::MouseEvent, prelude::*};

/// Samples z from the prior, or resets it to 0.
#[component]
pub(crate) fn LatentButtons() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    view! {
        <div class="actions">
            <Button
                kind=ButtonKind::Primary
                id="sample-prior"
                test_id="sample-prior"
                on_click=move |event: MouseEvent| latent.sample(event.time_stamp())
            >
                "Sample "
                <i>"z"</i>
                " from "
                <i>"p"</i>
                "("
                <i>"z"</i>
                ")"
            </Button>
            <Button
                test_id="reset-z"
                on_click=move |event: MouseEvent| latent.reset(event.time_stamp())
            >
                "Reset to "
                <i>"z"</i>
                " = 0"
            </Button>
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
