//! The panels under the stage: one open at a time, or none.
//!
//! A further panel is a [`Tab`](crate::shell::tabs::tab::Tab), a component in a place of its own, and an arm
//! in [`content`].

pub(crate) mod tab;
pub(crate) mod tab_button;

use crate::features::evidence::Evidence;
use crate::features::explore::Explore;
use crate::features::train::Train;
use crate::shell::persistence::delete_stored_data::DeleteStoredData;
use leptos::{ev, prelude::*};
use tab::{OpenTab, Tab};
use tab_button::TabButton;
use wasm_bindgen::JsCast;

/// The tabs and the open panel.
#[component]
pub(crate) fn Panels() -> impl IntoView {
    let open_tab = expect_context::<OpenTab>();
    let open = Memo::new(move |_| open_tab.get());
    view! {
        <nav class="tabs" aria-label="Panels">
            <div role="tablist" on:keydown=rove>
                {Tab::ALL.map(|tab| view! { <TabButton tab /> }).collect_view()}
            </div>
        </nav>
        {move || {
            open.get()
                .map(|tab| {
                    let name = tab.name();
                    view! {
                        <section
                            class="panel"
                            role="tabpanel"
                            id=format!("panel-{name}")
                            aria-labelledby=format!("tab-{name}")
                        >
                            {content(tab)}
                        </section>
                    }
                })
        }}
    }
}

/// What the panel shows.
fn content(tab: Tab) -> impl IntoView {
    match tab {
        Tab::Explore => view! { <Explore /> }.into_any(),
        Tab::Evidence => view! { <Evidence /> }.into_any(),
        Tab::Train => view! {
            <Train>
                <DeleteStoredData />
            </Train>
        }
        .into_any(),
    }
}

/// Moves the focus along the tabs; a press of Enter or Space opens the one it has come to.
fn rove(event: ev::KeyboardEvent) {
    let Some(list) = event
        .current_target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
    else {
        return;
    };
    let at = Tab::ALL.iter().position(|tab| {
        list.query_selector(&format!("#tab-{}:focus", tab.name()))
            .is_ok_and(|found| found.is_some())
    });
    let Some(at) = at else { return };
    let last = Tab::ALL.len() - 1;
    let to = match event.key().as_str() {
        "ArrowLeft" => at.checked_sub(1).unwrap_or(last),
        "ArrowRight" if at == last => 0,
        "ArrowRight" => at + 1,
        "Home" => 0,
        "End" => last,
        _ => return,
    };
    event.prevent_default();
    let button = list
        .query_selector(&format!("#tab-{}", Tab::ALL[to].name()))
        .ok()
        .flatten()
        .and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(button) = button {
        // Refused only for what can't be focused.
        let _ = button.focus();
    }
}
