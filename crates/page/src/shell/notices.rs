//! Shows the notices; screen readers announce them politely.

use crate::dom;
use crate::dom::resize::SizeObserver;
use crate::shell::offline::UpdateNotice;
use crate::state::notices::{Notice, Notices};
use crate::ui::button::{Button, ButtonKind};
use leptos::{html, prelude::*};

/// Distance to what is below them, in CSS pixels, as in `messages.css`.
const MARGIN: i32 = 16;

/// All notices, at the lower edge of the page.
#[component]
pub(crate) fn NoticeList() -> impl IntoView {
    let notices = expect_context::<Notices>();
    let list = NodeRef::<html::Div>::new();
    // The page's `scroll-padding` has their height, so that they cover nothing that has the focus.
    let observer = StoredValue::new_local(None::<SizeObserver>);
    Effect::new(move |_| {
        observer.set_value(list.get().map(|list| {
            let observed = list.clone();
            SizeObserver::new(&list, move || {
                let pixels = match observed.offset_height() {
                    0 => 0,
                    height => height + MARGIN,
                };
                dom::set_root_variable("--notices-height", &format!("{pixels}px"));
            })
        }));
    });
    view! {
        <div class="notices" node_ref=list role="status" aria-live="polite">
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
