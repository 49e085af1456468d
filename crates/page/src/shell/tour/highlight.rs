//! What a step speaks of, made to stand out: an outline, so that nothing is covered.

use crate::shell::tour::steps::Step;
use leptos::prelude::document;
use web_sys::Element;

/// The class of what stands out.
const CLASS: &str = "tour-target";

/// Marks what the step speaks of, and nothing else.
pub(crate) fn mark(step: Option<Step>) {
    if let Ok(Some(old)) = document().query_selector(&format!(".{CLASS}")) {
        let _ = old.class_list().remove_1(CLASS);
    }
    if let Some(element) = step.and_then(find) {
        let _ = element.class_list().add_1(CLASS);
    }
}

/// Brings what the step speaks of into view, where it is not.
pub(crate) fn show(step: Step) {
    let Some(element) = find(step) else { return };
    let rect = element.get_bounding_client_rect();
    let height = leptos::prelude::window()
        .inner_height()
        .ok()
        .and_then(|height| height.as_f64())
        .unwrap_or(f64::MAX);
    if rect.top() < 0.0 || rect.bottom() > height {
        element.scroll_into_view_with_bool(false);
    }
}

fn find(step: Step) -> Option<Element> {
    step.of.iter().find_map(|id| {
        document()
            .query_selector(&format!("[data-testid='{id}']"))
            .ok()
            .flatten()
    })
}
