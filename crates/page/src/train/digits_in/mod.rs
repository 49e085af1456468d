//! The ways for digits to get in.

use crate::state::DigitSet;
use leptos::prelude::*;

/// How many digits there are, and how to get more.
#[component]
pub(crate) fn DigitsIn() -> impl IntoView {
    let digits = expect_context::<DigitSet>();
    view! {
        <section class="digits-in" aria-label="Digits to train on">
            <p>
                <b data-testid="dataset-count">{move || digits.count()}</b>
                " digits to train on"
            </p>
            <button type="button" data-testid="use-sample-digits">
                "Use sample digits"
            </button>
        </section>
    }
}
