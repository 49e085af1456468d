//! What went wrong, beside the picture that is missing or stays as it was, and the way on.

use crate::state::actions::Actions;
use crate::state::engine_view::{EngineError, EngineView};
use leptos::prelude::*;

/// The error, when there is one.
#[component]
pub(crate) fn EngineErrorBox() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let actions = expect_context::<Actions>();
    move || {
        view.error.get().map(|error| {
            let (message, way_on) = match error {
                EngineError::Model { name, message } => (
                    describe(actions, &name, &message),
                    view! {
                        <button
                            type="button"
                            data-testid="retry"
                            on:click=move |_| actions.pick_model(&name)
                        >
                            "Retry"
                        </button>
                    }
                    .into_any(),
                ),
                EngineError::NoBackend { message } => (
                    message,
                    view! {
                        <button type="button" data-testid="reload" on:click=move |_| reload()>
                            "Reload"
                        </button>
                    }
                    .into_any(),
                ),
            };
            view! {
                <div class="alert-box">
                    <p role="alert" data-testid="error">
                        {message}
                    </p>
                    {way_on}
                </div>
            }
        })
    }
}

/// The message with the model's title, and what stays in use.
fn describe(actions: Actions, name: &str, message: &str) -> String {
    let catalog = untrack(|| actions.catalog());
    let title = |name: &str| {
        catalog
            .find(name)
            .map_or_else(|| name.to_owned(), |entry| entry.title.clone())
    };
    let stays = match untrack(|| actions.model_in_use()) {
        Some(current) => format!(" {} stays in use.", title(&current)),
        None => String::new(),
    };
    let full_stop = if message.ends_with('.') { "" } else { "." };
    format!(
        "“{}” ({name}) could not be loaded: {message}{full_stop}{stays}",
        title(name)
    )
}

fn reload() {
    if let Some(window) = web_sys::window() {
        // Refused only by pages that are being left anyway.
        let _ = window.location().reload();
    }
}
