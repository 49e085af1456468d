//! What went wrong, said beside what caused it.

use leptos::prelude::*;

/// The message, where there is one.
#[component]
pub(crate) fn Alert(
    /// What happened and what to do.
    message: RwSignal<Option<String>>,
) -> impl IntoView {
    let shown = move || {
        let text = message.get()?;
        Some(view! {
            <p class="file-problems" role="alert" data-testid="error">
                {text}
            </p>
        })
    };
    view! { {shown} }
}
