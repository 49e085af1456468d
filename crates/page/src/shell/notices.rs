//! Shows the notices; screen readers announce them politely.

use crate::shell::offline::UpdateNotice;
use crate::state::notices::{Notice, Notices};
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;

/// All notices, at the lower edge of the page.
#[component]
pub(crate) fn NoticeList() -> impl IntoView {
    let notices = expect_context::<Notices>();
    view! {
        <div class="notices" role="status" aria-live="polite">
            <UpdateNotice />
            <For
                each=move || notices.list()
                key=|notice| notice.key
                children=move |Notice { key, text }| {
                    view! {
                        <div class="notice">
                            <p data-testid="notice">{text}</p>
                            <Button
                                kind=ButtonKind::Quiet
                                label="Dismiss this message"
                                on_click=move |_| notices.dismiss(key)
                            >
                                "×"
                            </Button>
                        </div>
                    }
                }
            />
        </div>
    }
}
