//! Whether the tour is on, and where it is.

use crate::dom;
use crate::shell::tour::steps::STEPS;
use crate::shell::url;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// Where it is remembered that somebody has seen it.
const SEEN: &str = "elbo-room-tour";

/// The tour, as a signal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tour {
    /// The step that is shown; none while there is no tour.
    pub(crate) step: RwSignal<Option<usize>>,
}

impl Tour {
    /// On at somebody's first visit, unless they came by a link to something, or a program did.
    pub(crate) fn new() -> Self {
        let first_visit = url::is_bare() && !is_seen() && !is_driven();
        let on = first_visit || url::says("tour", "on");
        Self {
            step: RwSignal::new(on.then_some(0)),
        }
    }

    /// From the start.
    pub(crate) fn start(&self) {
        self.step.set(Some(0));
    }

    /// One step on, or back; past the last it ends.
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

    /// Ends it, for this visit and those after it.
    pub(crate) fn end(&self) {
        self.step.set(None);
        if let Some(storage) = dom::storage() {
            // Where nothing can be kept it will be shown again.
            let _ = storage.set_item(SEEN, "seen");
        }
    }
}

fn is_seen() -> bool {
    dom::storage()
        .and_then(|storage| storage.get_item(SEEN).ok().flatten())
        .is_some()
}

/// Whether a program looks at the page: for measurements and tests it is what it is without a tour.
fn is_driven() -> bool {
    let navigator = JsValue::from(window().navigator());
    js_sys::Reflect::get(&navigator, &"webdriver".into()).is_ok_and(|value| value.is_truthy())
}
