//! The inside of a dedicated worker: receiving requests, sending messages, waiting.

use super::{
    bindings::{MessageChannel, WorkerEvent, WorkerScope},
    describe, life_line, transfer,
};
use crate::{Attachment, Bytes};
use js_sys::{Array, Promise, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;

/// Calls `on_request` for each message from now on, for the life of the worker. An error says why a message could
/// not be read.
pub fn listen<Request: DeserializeOwned + 'static>(
    mut on_request: impl FnMut(Result<Request, String>) + 'static,
) {
    listen_raw(move |message| {
        on_request(serde_wasm_bindgen::from_value(message).map_err(|error| error.to_string()));
        Ok(())
    });
}

/// Calls `on_request` for each message from now on, with the browser objects attached to it, for the life of the worker.
pub fn listen_with_attachments<Request: DeserializeOwned + 'static>(
    mut on_request: impl FnMut(Result<Request, String>, Vec<Attachment>) + 'static,
) {
    listen_raw(move |message| {
        let attachments = transfer::attachments(&message);
        let request = serde_wasm_bindgen::from_value(message).map_err(|error| error.to_string());
        on_request(request, attachments);
        Ok(())
    });
}

/// Calls `on_message` for each message from now on, for the life of the worker. The worker's owner receives its
/// errors as an error of the worker.
pub fn listen_raw(mut on_message: impl FnMut(JsValue) -> Result<(), JsValue> + 'static) {
    let listener =
        Closure::<dyn FnMut(WorkerEvent) -> Result<(), JsValue>>::new(move |event: WorkerEvent| {
            match life_line::hold(event.data()) {
                Ok(()) => Ok(()),
                Err(message) => on_message(message),
            }
        });
    scope().set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // The listener stays for the life of the worker.
    listener.forget();
}

/// Sends a message to the worker's owner.
///
/// # Errors
/// When it is not plain data.
pub fn post(message: &impl Serialize) -> Result<(), String> {
    let (message, buffers) = transfer::to_message(message).map_err(|error| error.to_string())?;
    post_raw(&message, &buffers).map_err(|error| describe(&error))
}

/// Sends a message to the worker's owner, with bytes beside it, whose memory changes owner.
///
/// # Errors
/// When it is not plain data.
pub fn post_with(message: &impl Serialize, bytes: &[Bytes]) -> Result<(), String> {
    let (message, buffers) = transfer::to_message(message).map_err(|error| error.to_string())?;
    let message =
        transfer::with_bytes(&message, &buffers, bytes).map_err(|error| describe(&error))?;
    post_raw(&message, &buffers).map_err(|error| describe(&error))
}

/// Sends a value to the worker's owner. The buffers in `transfer` change owner.
///
/// # Errors
/// The browser's error.
pub fn post_raw(message: &JsValue, transfer: &Array) -> Result<(), JsValue> {
    scope().post_message(message, transfer)
}

/// Waits for one turn of the event loop, in which the messages that have arrived are received. Browsers delay nested
/// timers by 4 ms; a message to oneself is received at once.
pub async fn next_turn() {
    let channel = MessageChannel::new();
    let promise = Promise::new(&mut |resolve, _| {
        channel.port1().set_onmessage(Some(&resolve));
        channel.port2().post_message(&JsValue::NULL);
    });
    JsFuture::from(promise).await.ok();
    channel.port1().close();
}

/// Waits for this time.
pub async fn sleep(time: Duration) {
    let promise = Promise::new(&mut |resolve, _| {
        scope().set_timeout(&resolve, time.as_millis() as i32);
    });
    JsFuture::from(promise).await.ok();
}

/// Calls `after` once this time has passed.
pub fn set_timeout(time: Duration, after: impl FnOnce() + 'static) {
    let after = Closure::once_into_js(after);
    scope().set_timeout(after.unchecked_ref(), time.as_millis() as i32);
}

/// A part of the worker's own address: `search`, `pathname`.
pub fn location(part: &str) -> String {
    let location = Reflect::get(&js_sys::global(), &"location".into());
    let part = location.and_then(|location| Reflect::get(&location, &part.into()));
    part.ok()
        .and_then(|part| part.as_string())
        .unwrap_or_default()
}

/// Whether the query string of the worker's own address contains this parameter, as `name=value`.
pub fn has_parameter(parameter: &str) -> bool {
    let search = location("search");
    let mut parts = search.trim_start_matches('?').split('&');
    parts.any(|part| part == parameter)
}

/// The number of processors that the browser reports.
pub fn processors() -> Option<f64> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into());
    navigator
        .and_then(|navigator| Reflect::get(&navigator, &"hardwareConcurrency".into()))
        .ok()
        .and_then(|processors| processors.as_f64())
}

fn scope() -> WorkerScope {
    js_sys::global().unchecked_into()
}
