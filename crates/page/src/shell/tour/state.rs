//! Whether the tour is shown, and which step.

use crate::dom;
use crate::dom::query;
use crate::shell::tour::steps::STEPS;
use crate::shell::url;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// The key in local storage that marks the tour as seen.
const SEEN: &str = "elbo-room-tour";

/// The id of the button that starts the tour. It gets the focus when the tour ends.
pub(crate) const BUTTON_ID: &str = "tour-button";

/// The tour, as a signal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tour {
    /// The index of the current step; `None` while there is no tour.
    pub(crate) step: RwSignal<Option<usize>>,
}

impl Tour {
    /// Shown at the first visit, unless the page was opened by a link to a state or by an automated browser.
    pub(crate) fn new() -> Self {
        let first_visit = url::is_bare() && !is_seen() && !is_automated();
        let shown = first_visit || query::address_contains("tour", "on");
        Self {
            step: RwSignal::new(shown.then_some(0)),
        }
    }

    /// Shows the first step.
    pub(crate) fn start(&self) {
        self.step.set(Some(0));
    }

    /// Moves by `by` steps; after the last step the tour ends.
    pub(crate) fn go(&self, by: isize) {
        let next = self
            .step
            .get_untracked()
            .and_then(|step| step.checked_add_signed(by))
            .filter(|step| *step < STEPS.len());
        match next {
            Some(step) => self.step.set(Some(step)),
            None => self.end(),
        }
    }

    /// Ends the tour, for this visit and later ones.
    pub(crate) fn end(&self) {
        self.step.set(None);
        if let Some(storage) = dom::storage() {
            // Where storage is not available, the tour is shown again at the next visit.
            let _ = storage.set_item(SEEN, "seen");
        }
    }
}

fn is_seen() -> bool {
    dom::storage()
        .and_then(|storage| storage.get_item(SEEN).ok().flatten())
        .is_some()
}

/// Whether a program controls the browser, as in tests and measurements.
fn is_automated() -> bool {
    let navigator = JsValue::from(window().navigator());
    js_sys::Reflect::get(&navigator, &"webdriver".into()).is_ok_and(|value| value.is_truthy())
}
