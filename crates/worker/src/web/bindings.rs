//! The browser objects that workers need. They are declared here rather than taken from web-sys, because enabling
//! other features of that crate for one bundle would rebuild everything above it, WebGPU included.

use js_sys::{Array, Function, Object};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    #[derive(Debug, Clone)]
    pub(crate) type Worker;
    #[wasm_bindgen(constructor, catch)]
    pub(crate) fn new(url: &str, options: &Object) -> Result<Worker, JsValue>;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    pub(crate) fn post_message(
        this: &Worker,
        message: &JsValue,
        transfer: &Array,
    ) -> Result<(), JsValue>;
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_onmessage(this: &Worker, listener: Option<&Function>);
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_onmessageerror(this: &Worker, listener: Option<&Function>);
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_onerror(this: &Worker, listener: Option<&Function>);
    #[wasm_bindgen(method)]
    pub(crate) fn terminate(this: &Worker);

    /// A `MessageEvent` or `ErrorEvent`.
    pub(crate) type WorkerEvent;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn data(this: &WorkerEvent) -> JsValue;
    /// Undefined for the plain event of a worker whose file does not load.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn message(this: &WorkerEvent) -> JsValue;

    /// The global object of a dedicated worker.
    pub(crate) type WorkerScope;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    pub(crate) fn post_message(
        this: &WorkerScope,
        message: &JsValue,
        transfer: &Array,
    ) -> Result<(), JsValue>;
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_onmessage(this: &WorkerScope, listener: Option<&Function>);
    #[wasm_bindgen(method, js_name = setTimeout)]
    pub(crate) fn set_timeout(this: &WorkerScope, listener: &Function, milliseconds: i32);

    pub(crate) type MessageChannel;
    #[wasm_bindgen(constructor)]
    pub(crate) fn new() -> MessageChannel;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn port1(this: &MessageChannel) -> MessagePort;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn port2(this: &MessageChannel) -> MessagePort;

    #[derive(Debug)]
    pub(crate) type MessagePort;
    /// Without effect in browsers without this event.
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_onclose(this: &MessagePort, listener: Option<&Function>);
    #[wasm_bindgen(method)]
    pub(crate) fn start(this: &MessagePort);
    #[wasm_bindgen(method, setter)]
    pub(crate) fn set_onmessage(this: &MessagePort, listener: Option<&Function>);
    #[wasm_bindgen(method, js_name = postMessage)]
    pub(crate) fn post_message(this: &MessagePort, message: &JsValue);
    #[wasm_bindgen(method)]
    pub(crate) fn close(this: &MessagePort);
}
