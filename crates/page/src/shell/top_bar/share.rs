//! Copies a link to the current state of the page.

use crate::dom;
use crate::shell::page_state::PageState;
use crate::state::notices::Notices;
use crate::ui::button::Button;
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
                notices.show(format!("Copy this link: {link}"));
            }
        });
    };
    view! {
        <Button class="tool" test_id="share" title="Copy a link to this state" on_click=share>
            <svg viewBox="0 0 20 20" aria-hidden="true">
                <path d="M8.3 11.7a3.3 3.3 0 0 0 4.7 0l3-3A3.3 3.3 0 0 0 11.3 4l-1 1M11.7 8.3a3.3 3.3 0 0 0-4.7 0l-3 3A3.3 3.3 0 0 0 8.7 16l1-1" />
            </svg>
            <span>"Share"</span>
        </Button>
    }
}
