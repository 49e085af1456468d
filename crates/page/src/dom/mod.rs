//! The few browser objects that are used all over the page, with their absences handled once.

pub(crate) mod canvas;
pub(crate) mod clipboard;
pub(crate) mod download;
pub(crate) mod files;
pub(crate) mod listener;
pub(crate) mod perf;

pub(crate) use canvas::{
    canvas, class_colours, colour, context_2d, css_colour, draw_grey, png_url, put_pixels,
};
pub(crate) use clipboard::copy;
pub(crate) use download::{download, save};
pub(crate) use perf::{mark, measure, now};

use wasm_bindgen::{JsCast, JsValue};

/// What a JavaScript value says about itself, for a message.
pub(crate) fn describe(value: &JsValue) -> String {
    value
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| value.as_string())
        .unwrap_or_else(|| format!("{value:?}"))
}

/// Whether the person asked their system for less motion.
pub(crate) fn prefers_reduced_motion() -> bool {
    web_sys::window()
        .and_then(|window| {
            window
                .match_media("(prefers-reduced-motion: reduce)")
                .ok()
                .flatten()
        })
        .is_some_and(|query| query.matches())
}

/// The page's local storage, where there is one.
pub(crate) fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// Empties the local storage and loads the page anew, at its bare address.
pub(crate) fn start_over() {
    if let Some(storage) = storage() {
        let _ = storage.clear();
    }
    if let Some(window) = web_sys::window() {
        let location = window.location();
        let path = location.pathname().unwrap_or_else(|_| "./".to_owned());
        // Refused nowhere; and if it were, the page would just go on, empty-handed.
        let _ = location.replace(&path);
    }
}
