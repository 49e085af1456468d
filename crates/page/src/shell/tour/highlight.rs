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

/// Scrolls the step's element to the middle of the viewport if it is not in view.
pub(crate) fn scroll_into_view(step: Step) {
    let Some(element) = target(step) else { return };
    let rect = element.get_bounding_client_rect();
    let (x, y) = (
        rect.left() + rect.width() / 2.0,
        rect.top() + rect.height() / 2.0,
    );
    // Something may cover it: the image on a phone is sticky.
    let is_seen = document()
        .element_from_point(x as f32, y as f32)
        .is_some_and(|drawn| element.contains(Some(&drawn)));
    if !is_seen {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Center);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

fn target(step: Step) -> Option<Element> {
    step.targets
        .iter()
        .find_map(|id| document().get_element_by_id(id))
}
