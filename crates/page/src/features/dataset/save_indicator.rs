//! Shows whether the user's changes are saved.

use crate::state::save_status::{SaveState, SaveStatus};
use leptos::prelude::*;

/// A short text such as “Saved”. It changes often, so screen readers are not notified of it; a failure
/// is announced by a notice.
#[component]
pub(crate) fn SaveIndicator() -> impl IntoView {
    let status = expect_context::<SaveStatus>();
    let state = Memo::new(move |_| status.state());
    let name = move || match state.get() {
        SaveState::Saved => "saved",
        SaveState::Saving => "saving",
        SaveState::Failed(_) => "failed",
    };
    let text = move || match state.get() {
        SaveState::Saved => "Saved".to_owned(),
        SaveState::Saving => "Saving…".to_owned(),
        SaveState::Failed(reason) => format!("Not saved: {reason}"),
    };
    view! {
        <span
            class="save-state"
            data-testid="save-state"
            data-state=name
            title="Images, settings, models and runs are saved in this browser only"
        >
            {text}
        </span>
    }
}
