//! Waiting until the browser has nothing to do.

use js_sys::{Function, Object, Reflect};
use leptos::prelude::set_timeout;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

/// The delay in browsers that don't tell when they are idle.
const DELAY: Duration = Duration::from_millis(500);

/// The longest wait for a browser that is never idle, in milliseconds.
const TIMEOUT_MS: f64 = 5000.0;

/// Calls `task` once, when the browser is idle.
pub(crate) fn when_idle(task: impl FnOnce() + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    // Older versions of Safari have no such function.
    let method = Reflect::get(&window, &JsValue::from_str("requestIdleCallback"))
        .ok()
        .and_then(|method| method.dyn_into::<Function>().ok());
    match method {
        Some(method) => {
            let task = Closure::once_into_js(task);
            let options = Object::new();
            let _ = Reflect::set(&options, &"timeout".into(), &TIMEOUT_MS.into());
            // Fails only while the page is being unloaded.
            let _ = method.call2(&window, &task, &options);
        }
        None => set_timeout(task, DELAY),
    }
}
