//! Outlines the element that a step is about, without covering anything.

use crate::shell::tour::steps::Step;
use leptos::prelude::document;
use web_sys::{Element, ScrollIntoViewOptions, ScrollLogicalPosition};

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

/// Scrolls as little as shows all of the step's element. What is sticky at the viewport's edges covers none of it: the
/// page's `scroll-padding` is its height.
pub(crate) fn scroll_into_view(step: Step) {
    let Some(element) = target(step) else { return };
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

fn target(step: Step) -> Option<Element> {
    step.targets
        .iter()
        .find_map(|id| document().get_element_by_id(id))
}
