//! The page in a frame of another page: `?embed=1`.
//!
//! It has no top bar and no tabs, stores nothing unless the address has `storage=1`, and tells the parent its height:
//! a message `{ type: "elbo-room-height", height }` in CSS pixels with each change, so that the parent can size the
//! frame. The height is no secret, so the message goes to any parent.

use crate::dom::query::address_contains;
use js_sys::{Object, Reflect};
use wasm_bindgen::{JsValue, closure::Closure};
use web_sys::ResizeObserver;

/// The type of the message to the parent.
const MESSAGE: &str = "elbo-room-height";

/// Whether the page is embedded.
pub(crate) fn is_embedded() -> bool {
    address_contains("embed", "1")
}

/// Whether an embedded page may use the browser's storage.
pub(crate) fn may_store() -> bool {
    address_contains("storage", "1")
}

/// Reports the height to the parent now and with each change, as long as the page lives.
pub(crate) fn report_height() {
    let Some(body) = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.body())
    else {
        return;
    };
    let observed = body.clone();
    let report = Closure::<dyn FnMut()>::new(move || send(f64::from(observed.scroll_height())));
    // Without the observer the frame keeps the height that its page gives it.
    if let Ok(observer) = ResizeObserver::new(wasm_bindgen::JsCast::unchecked_ref(report.as_ref()))
    {
        observer.observe(&body);
        // The browser keeps an observer for as long as it observes something.
        report.forget();
    }
}

/// Sends a height to the parent.
fn send(height: f64) {
    let Some(parent) = web_sys::window().and_then(|window| window.parent().ok().flatten()) else {
        return;
    };
    let message = Object::new();
    let set = |key: &str, value: JsValue| {
        // Fails only for objects that can't be extended.
        let _ = Reflect::set(&message, &JsValue::from(key), &value);
    };
    set("type", JsValue::from(MESSAGE));
    set("height", JsValue::from(height));
    let _ = parent.post_message(&message, "*");
}
