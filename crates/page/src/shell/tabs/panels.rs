//! The panels' contents, each in a chunk of its own: the first image is drawn without them.

use crate::dom;
use crate::dom::focus;
use crate::features::evidence::Evidence;
use crate::features::explore::Explore;
use crate::features::learn::Learn;
use crate::features::learn::panel_links::PanelLink;
use crate::features::train::Train;
use crate::shell::persistence::delete_stored_data::DeleteStoredData;
use crate::shell::tabs::tab::{OpenTab, Tab};
use crate::state::engine_view::EngineView;
use crate::ui::chunk::{Chunk, chunk};
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen_futures::spawn_local;

/// How often, and after which time, the page looks for the section of a link.
const SCROLL_TRIES: usize = 100;
const SCROLL_WAIT: Duration = Duration::from_millis(50);

/// The chunks of all panels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Panels([Chunk; Tab::ALL.len()]);

impl Panels {
    /// Panels that have not been fetched.
    pub(crate) fn new() -> Self {
        Self(Tab::ALL.map(|tab| match tab {
            Tab::Explore => chunk!(explore, explore_panel),
            Tab::Train => chunk!(train, train_panel),
            Tab::Evidence => chunk!(evidence, evidence_panel),
            Tab::Learn => chunk!(learn, learn_panel),
        }))
    }

    /// The content of this panel.
    pub(crate) fn chunk(self, tab: Tab) -> Chunk {
        self.0[tab as usize]
    }

    /// Fetches all panels once an engine draws and the browser has nothing else to do, so that they open at
    /// once, also without a network. Not if the visitor saves data.
    pub(crate) fn fetch_when_idle(self, view: EngineView) {
        if dom::saves_data() {
            return;
        }
        Effect::new(move |was_drawn: Option<bool>| {
            let draws = view.model.with(Option::is_some) && view.frame.with(Option::is_some);
            let is_drawn = draws || was_drawn == Some(true);
            if is_drawn && was_drawn != Some(true) {
                dom::when_idle(move || {
                    spawn_local(async move {
                        // One after the other: a panel that is opened meanwhile waits for one at most.
                        for chunk in self.0 {
                            chunk.load_ahead().await;
                        }
                    });
                });
            }
            is_drawn
        });
    }
}

fn explore_panel() -> AnyView {
    view! { <Explore /> }.into_any()
}

fn train_panel() -> AnyView {
    view! {
        <Train on_explore=open(Tab::Explore) on_evidence=open(Tab::Evidence)>
            <DeleteStoredData />
        </Train>
    }
    .into_any()
}

fn evidence_panel() -> AnyView {
    view! { <Evidence /> }.into_any()
}

fn learn_panel() -> AnyView {
    view! { <Learn on_open=open_link() /> }.into_any()
}

/// Opens a panel in place of the one that is open.
pub(super) fn open(tab: Tab) -> Callback<()> {
    let open_tab = expect_context::<OpenTab>();
    Callback::new(move |()| {
        open_tab.set(Some(tab));
        // The button that opens it was on the panel that it replaces.
        focus::restore_if_lost(|| document().query_selector(".panel").ok().flatten());
    })
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
