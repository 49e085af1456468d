//! Links of chapters to other panels and to models, and the way back from a panel.
//!
//! A reader who follows a link keeps the chapter's model, z and image. Their own come back when they leave the chapter
//! after returning to it, or on request.

use super::state::LearnState;
use crate::ui::button::{Button, ButtonKind};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// What a link opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PanelLink {
    /// The panel's name.
    pub(crate) panel: String,
    /// The id of an element in it; empty for none.
    pub(crate) section: String,
}

/// A link in a chapter's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TextLink {
    /// Opens a panel.
    Panel(PanelLink),
    /// Chooses the model of this name.
    Model(String),
}

/// The link that a click follows in this tab. The browser follows the others, and those with a modifier key.
pub(super) fn followed(event: &ev::MouseEvent) -> Option<TextLink> {
    if event.button() != 0 || event.ctrl_key() || event.meta_key() || event.shift_key() {
        return None;
    }
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    let link = target.closest("[data-open], [data-model]").ok()??;
    event.prevent_default();
    if let Some(name) = link.get_attribute("data-model") {
        return Some(TextLink::Model(name));
    }
    Some(TextLink::Panel(PanelLink {
        panel: link.get_attribute("data-open")?,
        section: link.get_attribute("data-section").unwrap_or_default(),
    }))
}

/// Above another panel that a chapter has opened: the way back.
#[component]
pub(crate) fn ReturnToChapter(
    /// Opens the Learn panel.
    on_return: Callback<()>,
) -> impl IntoView {
    let state = expect_context::<LearnState>();
    let number = move || {
        let visiting = state.visiting.get();
        state.place.with(|place| {
            place
                .as_ref()
                .filter(|_| visiting)
                .map(|place| place.chapter)
        })
    };
    let end = move |_| {
        state.visiting.set(false);
        state.close_chapter();
        // The list of chapters restores the reader's own state. The panel that is open would not keep it: Evidence
        // chooses an image when there is none.
        on_return.run(());
    };
    move || {
        number().map(|number| {
            view! {
                <div class="return-to-chapter" role="region" aria-label="Way back to the chapter">
                    <span>{format!("Opened from chapter {number} of Learn, with its model, z and image.")}</span>
                    <Button kind=ButtonKind::Primary test_id="learn-return" on_click=move |_| on_return.run(())>
                        {format!("Back to chapter {number}")}
                    </Button>
                    <Button
                        kind=ButtonKind::Quiet
                        test_id="learn-return-end"
                        title="Goes to the list of chapters, and restores your own model, z and image"
                        on_click=end
                    >
                        "Leave the chapter"
                    </Button>
                </div>
            }
        })
    }
}
