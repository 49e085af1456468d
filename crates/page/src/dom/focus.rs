//! Keeps the keyboard focus near what was used, when the focused control disappears.
//!
//! A browser then moves the focus to the beginning of the page, which a keyboard or a screen reader has to cross again.

use leptos::prelude::{document, request_animation_frame};
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

/// Focuses an element without scrolling to it.
pub(crate) fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        // Fails only for elements that can't be focused.
        let _ = element.focus_with_options(&options);
    }
}

/// Before the next frame, focuses what `find` returns, if nothing has the focus any more, or only a disabled control.
pub(crate) fn restore_if_lost(find: impl FnOnce() -> Option<Element> + 'static) {
    request_animation_frame(move || {
        let active = document().active_element();
        let is_lost = active.is_none_or(|active| {
            active.tag_name() == "BODY" || active.matches(":disabled").unwrap_or(false)
        });
        if let Some(element) = is_lost.then(find).flatten() {
            focus(&element);
        }
    });
}

/// The control that stays when controls of the same group disappear: the button of a menu, or the panel.
pub(crate) fn home_of(element: &Element) -> Option<Element> {
    let home = element
        .closest(".popover, [role='tabpanel']")
        .ok()
        .flatten()?;
    if home.matches(".popover").unwrap_or(false) {
        return home.query_selector("button").ok().flatten();
    }
    Some(home)
}
