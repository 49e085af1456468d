//! Wrappers of browser APIs that are used throughout the page; each handles missing APIs in one place.

pub(crate) mod canvas;
pub(crate) mod clipboard;
pub(crate) mod download;
pub(crate) mod dropped;
pub(crate) mod files;
pub(crate) mod focus;
pub(crate) mod idle;
pub(crate) mod listener;
pub(crate) mod locks;
pub(crate) mod perf;
pub(crate) mod query;
pub(crate) mod raster;
pub(crate) mod resize;

pub(crate) use canvas::{
    canvas, clear, context_2d, css_colour, draw_grey, draw_image, draw_picture, png_url,
    put_pixels, set_root_variable,
};
pub(crate) use clipboard::copy_text;
pub(crate) use download::{download, download_url};
pub(crate) use idle::when_idle;
pub(crate) use perf::{has_mark, mark, measure, now};

use wasm_bindgen::{JsCast, JsValue};

/// Whether the visitor has asked for less traffic.
pub(crate) fn saves_data() -> bool {
    let read = || {
        let navigator = web_sys::window()?.navigator();
        let connection = js_sys::Reflect::get(&navigator, &"connection".into()).ok()?;
        js_sys::Reflect::get(&connection, &"saveData".into()).ok()
    };
    read().is_some_and(|value| value.is_truthy())
}

/// The date in UTC, "2026-03-14".
pub(crate) fn today() -> String {
    let now = String::from(js_sys::Date::new_0().to_iso_string());
    now.chars().take(10).collect()
}

/// The message of a JavaScript error, or a string representation of any other value.
pub(crate) fn describe(value: &JsValue) -> String {
    value
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| value.as_string())
        .unwrap_or_else(|| format!("{value:?}"))
}

/// Scrolls to the start of this element, smoothly unless the user prefers no motion.
pub(crate) fn scroll_to(element: &web_sys::Element) {
    let options = web_sys::ScrollIntoViewOptions::new();
    if !prefers_reduced_motion() {
        options.set_behavior(web_sys::ScrollBehavior::Smooth);
    }
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Whether the user prefers reduced motion.
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

/// Scrolls an element into view, unless all of it is.
pub(crate) fn scroll_into_view(element: &web_sys::Element) {
    let rect = element.get_bounding_client_rect();
    let height = web_sys::window()
        .and_then(|window| window.inner_height().ok()?.as_f64())
        .unwrap_or(f64::MAX);
    if rect.top() < 0.0 || rect.bottom() > height {
        element.scroll_into_view_with_bool(true);
    }
}

/// The page's local storage, if the browser provides it.
pub(crate) fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}

/// Asks the browser not to delete the page's data when the disk is full. Browsers decide by themselves, or ask the user.
pub(crate) fn persist_storage() {
    let request = || {
        let navigator = web_sys::window()?.navigator();
        let manager = js_sys::Reflect::get(&navigator, &"storage".into()).ok()?;
        let method = js_sys::Reflect::get(&manager, &"persist".into()).ok()?;
        let promise = method.dyn_ref::<js_sys::Function>()?.call0(&manager).ok()?;
        promise.dyn_into::<js_sys::Promise>().ok()
    };
    if let Some(promise) = request() {
        wasm_bindgen_futures::spawn_local(async move {
            // Whatever the answer, the page works in the same way.
            let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        });
    }
}

/// Clears the local storage and reloads the page without its query.
pub(crate) fn clear_storage_and_reload() {
    if let Some(storage) = storage() {
        let _ = storage.clear();
    }
    if let Some(window) = web_sys::window() {
        let location = window.location();
        let path = location.pathname().unwrap_or_else(|_| "./".to_owned());
        // If this failed, the page would continue with the cleared storage.
        let _ = location.replace(&path);
    }
}
