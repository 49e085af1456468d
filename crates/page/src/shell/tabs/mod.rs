//! The panels below the stage: one is open at a time, or none.
//!
//! To add a panel, add a [`Tab`], a feature, and an arm in [`content`].

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
            <div role="tablist" on:keydown=move_focus>
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

/// The content of a panel.
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

/// Moves the focus along the tabs by arrow keys; Enter or Space opens the focused one.
fn move_focus(event: ev::KeyboardEvent) {
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
        // Fails only for elements that can't be focused.
        let _ = button.focus();
    }
}
