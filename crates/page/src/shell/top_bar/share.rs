//! Copies a link to just what is shown.

use crate::dom;
use crate::shell::page_state::PageState;
use crate::state::notices::Notices;
use leptos::prelude::*;

/// The share button.
#[component]
pub(crate) fn Share() -> impl IntoView {
    let page = expect_context::<PageState>();
    let notices = expect_context::<Notices>();
    let share = move |_| {
        let link = page.link();
        leptos::task::spawn_local(async move {
            if dom::copy_text(&link).await.is_some() {
                notices.show_briefly("Link copied.");
            } else {
                notices.show(format!("This is the link to copy: {link}"));
            }
        });
    };
    view! {
        <button
            type="button"
            class="tool"
            data-testid="share"
            title="Copy a link to this picture"
            on:click=share
        >
            <svg viewBox="0 0 20 20" aria-hidden="true">
                <path d="M8.3 11.7a3.3 3.3 0 0 0 4.7 0l3-3A3.3 3.3 0 0 0 11.3 4l-1 1M11.7 8.3a3.3 3.3 0 0 0-4.7 0l-3 3A3.3 3.3 0 0 0 8.7 16l1-1" />
            </svg>
            <span>"Share"</span>
        </button>
    }
}
