//! Shows the notices; screen readers announce them politely.

use crate::shell::offline::UpdateNotice;
use crate::shell::persistence::other_tab_notice::OtherTabNotice;
use crate::state::notices::{Notice, Notices};
use crate::ui::button::{Button, ButtonKind};
use crate::ui::height_variable::height_variable;
use leptos::{html, prelude::*};

/// Distance to what is below them, in CSS pixels, as in `messages.css`.
const MARGIN: i32 = 16;

/// All notices, at the lower edge of the page.
#[component]
pub(crate) fn NoticeList() -> impl IntoView {
    let notices = expect_context::<Notices>();
    let list = NodeRef::<html::Div>::new();
    // The page's `scroll-padding` has their height, so that they cover nothing that has the focus.
    height_variable(list, "--notices-height", MARGIN);
    view! {
        <div class="notices" node_ref=list role="status" aria-live="polite">
            <UpdateNotice />
            <OtherTabNotice />
            <For
                each=move || notices.list()
                key=|notice| notice.key
                children=move |Notice { key, text, link }| {
                    view! {
                        <div class="notice">
                            <p data-testid="notice">{text}</p>
                            {link.map(|link| view! { <LinkField link /> })}
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

/// A link to copy: on one line, however long it is.
#[component]
fn LinkField(link: String) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let select = move |_| {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    view! {
        <input
            node_ref=field
            type="text"
            class="notice-link"
            aria-label="Link"
            data-testid="notice-link"
            readonly
            value=link
            on:focus=select
        />
    }
}
