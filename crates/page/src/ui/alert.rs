//! A message about something that went wrong, beside what caused it.

use leptos::prelude::*;

/// The message, if there is one.
#[component]
pub(crate) fn Alert(
    /// What happened and what to do.
    message: RwSignal<Option<String>>,
) -> impl IntoView {
    let paragraph = move || {
        let text = message.get()?;
        Some(view! {
            <p class="file-problems" role="alert" data-testid="error">
                {text}
            </p>
        })
    };
    view! { {paragraph} }
}
