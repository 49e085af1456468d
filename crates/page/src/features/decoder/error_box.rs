//! Loading errors, shown below the decoded image with a button to recover.

use crate::state::actions::Actions;
use crate::state::engine_view::{EngineError, EngineView};
use crate::ui::button::Button;
use leptos::prelude::*;

/// The current error, if any.
#[component]
pub(crate) fn EngineErrorBox() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let actions = expect_context::<Actions>();
    move || {
        view.error.get().map(|error| {
            let (message, button) = match error {
                EngineError::Model { name, message } => (
                    describe(actions, &name, &message),
                    view! {
                        <Button test_id="retry" on_click=move |_| actions.select_model(&name)>
                            "Retry"
                        </Button>
                    }
                    .into_any(),
                ),
                EngineError::NoBackend { message } => (
                    message,
                    view! {
                        <Button test_id="reload" on_click=move |_| reload()>
                            "Reload"
                        </Button>
                    }
                    .into_any(),
                ),
            };
            view! {
                <div class="alert-box">
                    <p role="alert" data-testid="error">
                        {message}
                    </p>
                    {button}
                </div>
            }
        })
    }
}

/// The message with the model's title, and the model that stays in use.
fn describe(actions: Actions, name: &str, message: &str) -> String {
    let catalog = untrack(|| actions.catalog());
    let title = |name: &str| {
        catalog
            .find(name)
            .map_or_else(|| name.to_owned(), |entry| entry.title.clone())
    };
    let stays = match untrack(|| actions.current_model()) {
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
        // Fails only while the page is being unloaded.
        let _ = window.location().reload();
    }
}
