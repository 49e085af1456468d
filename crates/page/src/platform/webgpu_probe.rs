//! Asks the browser for a WebGPU adapter before burn does: without one, burn would panic.

use crate::dom::describe;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

/// Timeout of the adapter request, in milliseconds.
const TIMEOUT_MS: i32 = 10_000;

/// Asks the browser for a WebGPU adapter.
///
/// # Errors
///
/// The reason, in lower case without a full stop.
pub(crate) async fn probe() -> Result<(), String> {
    let window = web_sys::window().ok_or("there is no window")?;
    let gpu = Reflect::get(&window.navigator(), &JsValue::from_str("gpu"))
        .ok()
        .filter(JsValue::is_object)
        .ok_or("this browser has no WebGPU")?;
    let request = Reflect::get(&gpu, &JsValue::from_str("requestAdapter"))
        .ok()
        .and_then(|method| method.dyn_into::<Function>().ok())
        .ok_or("this browser has no WebGPU")?;
    let adapter = request
        .call0(&gpu)
        .map_err(|error| describe(&error))?
        .dyn_into::<Promise>()
        .map_err(|_| "this browser’s WebGPU does not follow the standard")?;

    // The timeout resolves to `undefined`; without an adapter the browser resolves to `null`.
    let timeout = Promise::new(&mut |resolve, _| {
        let resolve = Closure::once_into_js(move || resolve.call0(&JsValue::UNDEFINED));
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(
            resolve.unchecked_ref(),
            TIMEOUT_MS,
        );
    });
    let result = JsFuture::from(Promise::race(&js_sys::Array::of2(&adapter, &timeout)))
        .await
        .map_err(|error| describe(&error))?;
    if result.is_undefined() {
        Err("the browser did not respond to the request for a GPU".to_owned())
    } else if result.is_null() {
        Err("the browser has no GPU adapter".to_owned())
    } else {
        Ok(())
    }
}
