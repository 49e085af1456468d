//! Outlines the element that a step is about, without covering anything.

use crate::shell::tour::steps::Step;
use leptos::prelude::{document, window};
use web_sys::Element;

/// The class of the highlighted element.
const CLASS: &str = "tour-target";

/// Highlights the step's element and no other.
pub(crate) fn highlight(step: Option<Step>) {
    if let Ok(Some(previous)) = document().query_selector(&format!(".{CLASS}")) {
        let _ = previous.class_list().remove_1(CLASS);
    }
    if let Some(element) = step.and_then(target) {
        let _ = element.class_list().add_1(CLASS);
    }
}

/// Scrolls the step's element into view if it is not.
pub(crate) fn scroll_into_view(step: Step) {
    let Some(element) = target(step) else { return };
    let rect = element.get_bounding_client_rect();
    let height = window()
        .inner_height()
        .ok()
        .and_then(|height| height.as_f64())
        .unwrap_or(f64::MAX);
    if rect.top() < 0.0 || rect.bottom() > height {
        element.scroll_into_view_with_bool(false);
    }
}

fn target(step: Step) -> Option<Element> {
    step.targets
        .iter()
        .find_map(|id| document().get_element_by_id(id))
}
