//! The panels below the stage: one is open at a time, or none.
//!
//! To add a panel, add a [`Tab`], a feature, and a chunk in [`panels`].

pub(crate) mod panels;
pub(crate) mod run_summary;
pub(crate) mod tab;
pub(crate) mod tab_button;

use crate::features::learn::panel_links::ReturnToChapter;
use crate::ui::chunk::ChunkContent;
use leptos::{ev, html, prelude::*};
use panels::{Panels, open};
use run_summary::RunSummary;
use tab::{OpenTab, Tab};
use tab_button::TabButton;
use wasm_bindgen::JsCast;

/// The tabs, and what the training run is doing, whichever panel is open.
#[component]
pub(crate) fn Tabs(
    /// Its element.
    node_ref: NodeRef<html::Nav>,
) -> impl IntoView {
    view! {
        <nav class="tabs" id="tabs" aria-label="Panels" node_ref=node_ref>
            <div role="tablist" on:keydown=move_focus>
                {Tab::ALL.map(|tab| view! { <TabButton tab /> }).collect_view()}
            </div>
            <RunSummary />
        </nav>
    }
}

/// The open panel, if any.
#[component]
pub(crate) fn OpenPanel() -> impl IntoView {
    let open_tab = expect_context::<OpenTab>();
    let panels = expect_context::<Panels>();
    let shown = Memo::new(move |_| open_tab.get());
    move || {
        shown.get().map(|tab| {
            let name = tab.name();
            view! {
                <section
                    class="panel"
                    role="tabpanel"
                    id=format!("panel-{name}")
                    aria-labelledby=format!("tab-{name}")
                    tabindex="-1"
                >
                    <header class="panel-head">
                        <h2>{tab.title()}</h2>
                        <p>{tab.purpose()}</p>
                    </header>
                    <ChunkContent chunk=panels.chunk(tab) what=format!("The panel {}", tab.title()) />
                    {(tab != Tab::Learn).then(|| view! { <ReturnToChapter on_return=open(Tab::Learn) /> })}
                </section>
            }
        })
    }
}

/// Moves the focus to the open panel, or to the tabs if none is open.
pub(crate) fn focus_panels() {
    let find = |selector| document().query_selector(selector).ok().flatten();
    let target = find(".panel").or_else(|| find(".tabs [role='tab']"));
    if let Some(target) = target.and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Fails only for elements that can't be focused.
        let _ = target.focus();
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
