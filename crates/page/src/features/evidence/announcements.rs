//! The live region for finished runs.

use crate::features::evidence::state::EvidenceState;
use leptos::prelude::*;

/// A polite live region.
#[component]
pub(crate) fn Announcements() -> impl IntoView {
    let sentences = expect_context::<EvidenceState>().sentences;
    view! {
        <div class="visually-hidden" role="log" aria-live="polite" data-testid="evidence-announcements">
            <For each=move || sentences.get() key=|(number, _)| *number let((_, text))>
                <p>{text}</p>
            </For>
        </div>
    }
}
