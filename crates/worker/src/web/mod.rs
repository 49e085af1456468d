//! The browser's workers.

mod bindings;
mod life_line;
pub(crate) mod raw_worker;
pub mod scope;
pub(crate) mod spawn;
pub mod transfer;

use wasm_bindgen::{JsCast, JsValue};

/// A JavaScript value as text, for an error message.
fn describe(value: &JsValue) -> String {
    value
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| value.as_string())
        .unwrap_or_else(|| format!("{value:?}"))
}
