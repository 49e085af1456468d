//! The notices, politely read out and dismissible.

use crate::state::notices::{Notice, Notices};
use leptos::prelude::*;

/// All notices, over the page's lower edge.
#[component]
pub(crate) fn NoticeList() -> impl IntoView {
    let notices = expect_context::<Notices>();
    view! {
        <div class="notices" role="status" aria-live="polite">
            <For
                each=move || notices.list()
                key=|notice| notice.key
                children=move |Notice { key, text }| {
                    view! {
                        <div class="notice">
                            <p data-testid="notice">{text}</p>
                            <button
                                type="button"
                                class="quiet"
                                aria-label="Dismiss this message"
                                on:click=move |_| notices.dismiss(key)
                            >
                                "×"
                            </button>
                        </div>
                    }
                }
            />
        </div>
    }
}
