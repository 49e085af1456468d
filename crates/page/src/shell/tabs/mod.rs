//! The panels below the stage: one is open at a time, or none.
//!
//! To add a panel, add a [`Tab`], a feature, and an arm in [`content`].

pub(crate) mod run_summary;
pub(crate) mod tab;
pub(crate) mod tab_button;

use crate::features::evidence::Evidence;
use crate::features::explore::Explore;
use crate::features::learn::Learn;
use crate::features::learn::panel_links::{PanelLink, ReturnToChapter};
use crate::features::train::Train;
use crate::shell::persistence::delete_stored_data::DeleteStoredData;
use leptos::{ev, html, prelude::*};
use run_summary::RunSummary;
use std::time::Duration;
use tab::{OpenTab, Tab};
use tab_button::TabButton;
use wasm_bindgen::JsCast;

/// How often, and after which time, the page looks for the section of a link.
const SCROLL_TRIES: usize = 100;
const SCROLL_WAIT: Duration = Duration::from_millis(50);

/// The tabs, and what the training run is doing, whichever panel is open.
#[component]
pub(crate) fn Tabs(
    /// Its element.
    node_ref: NodeRef<html::Nav>,
) -> impl IntoView {
    view! {
        <nav class="tabs" aria-label="Panels" node_ref=node_ref>
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
                    {content(tab)}
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

/// Opens a panel in place of the one that is open.
fn open(tab: Tab) -> Callback<()> {
    let open_tab = expect_context::<OpenTab>();
    Callback::new(move |()| open_tab.set(Some(tab)))
}

/// Opens the panel and the section of a chapter's link.
fn open_link() -> Callback<PanelLink> {
    let open_tab = expect_context::<OpenTab>();
    Callback::new(move |link: PanelLink| {
        open_tab.set(Tab::find(&link.panel));
        if !link.section.is_empty() {
            scroll_into_view_once_there(link.section, SCROLL_TRIES);
        }
    })
}

/// Scrolls to an element, as soon as the panel has it.
fn scroll_into_view_once_there(id: String, tries: usize) {
    set_timeout(
        move || match document().get_element_by_id(&id) {
            Some(element) => element.scroll_into_view(),
            None if tries > 0 => scroll_into_view_once_there(id, tries - 1),
            None => {}
        },
        SCROLL_WAIT,
    );
}

/// The content of a panel.
fn content(tab: Tab) -> impl IntoView {
    match tab {
        Tab::Explore => view! { <Explore /> }.into_any(),
        Tab::Evidence => view! { <Evidence /> }.into_any(),
        Tab::Learn => view! { <Learn on_open=open_link() /> }.into_any(),
        Tab::Train => view! {
            <Train on_explore=open(Tab::Explore) on_evidence=open(Tab::Evidence)>
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
