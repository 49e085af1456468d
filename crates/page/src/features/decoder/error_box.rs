//! What went wrong, beside the picture that is missing or stays as it was, and the way on.

use crate::shell::actions::Asks;
use crate::shell::engine_view::{EngineView, Trouble};
use leptos::prelude::*;

/// The error, when there is one.
#[component]
pub(crate) fn TroubleBox() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let asks = expect_context::<Asks>();
    move || {
        view.trouble.get().map(|trouble| {
            let (message, way_on) = match trouble {
                Trouble::Model { name, message } => (
                    describe(asks, &name, &message),
                    view! {
                        <button
                            type="button"
                            data-testid="retry"
                            on:click=move |_| asks.pick_model(&name)
                        >
                            "Retry"
                        </button>
                    }
                    .into_any(),
                ),
                Trouble::NoBackend { message } => (
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
                <div class="trouble">
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
fn describe(asks: Asks, name: &str, message: &str) -> String {
    let catalog = untrack(|| asks.catalog());
    let title = |name: &str| {
        catalog
            .find(name)
            .map_or_else(|| name.to_owned(), |entry| entry.title.clone())
    };
    let stays = match untrack(|| asks.model_in_use()) {
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
