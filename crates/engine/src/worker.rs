//! The session behind `postMessage`, in a dedicated worker.

use crate::{
    Session,
    helper::{self, Assistant},
    open,
};
use futures_channel::mpsc;
use futures_util::StreamExt;
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use protocol::{Backend, ErrorCode, Event, PROTOCOL_VERSION, Request};
use serde::Serialize;
use std::time::Duration;
use vae::KernelPath;
use wasm_bindgen::{
    JsCast, JsValue,
    prelude::{Closure, wasm_bindgen},
};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Starts serving the page with a backend. Says hello at once, since a worker drops what arrives
/// before it listens.
///
/// # Panics
/// Outside a dedicated worker.
pub fn start(backend: Backend) {
    // A broken shader is only ever logged: the log must reach the console.
    console_log::init_with_level(log::Level::Warn).ok();
    let kernel_path = if address_says("fast=off") {
        KernelPath::Reference
    } else {
        KernelPath::Fused
    };
    if address_says(HELPER) {
        return wasm_bindgen_futures::spawn_local(help(backend));
    }
    report_panics();

    let (sender, mut requests) = mpsc::unbounded::<Result<Request, String>>();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
        let request = serde_wasm_bindgen::from_value(message.data()).map_err(|e| e.to_string());
        // The receiver lives as long as the worker.
        sender.unbounded_send(request).ok();
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // The listener stays for the worker's whole life.
    on_message.forget();
    post(&Event::Hello {
        protocol: PROTOCOL_VERSION,
        backend,
    });

    wasm_bindgen_futures::spawn_local(async move {
        let opened = open(backend, |message| {
            post_failure(
                ErrorCode::BackendLost,
                format!("the GPU device was lost: {message}"),
            );
        });
        let mut session = match opened.await {
            Ok(opened) => {
                post(&Event::Ready {
                    device: opened.description,
                });
                Session::new(opened.device).with_kernel_path(kernel_path)
            }
            Err(error) => {
                return post_failure(ErrorCode::BackendUnavailable, error.to_string());
            }
        };
        let mut helper = None;
        loop {
            if session.is_training() {
                for event in session.train_on(helper.as_mut()).await {
                    post(&event);
                }
                // Messages arrive only while the worker's event loop turns.
                match session.rest() {
                    Some(rest) => sleep(rest).await,
                    None => next_turn().await,
                }
            }
            let request = if session.is_training() {
                requests.try_recv().ok()
            } else {
                requests.next().await
            };
            match request {
                Some(Ok(request)) => {
                    have_help(&mut helper, backend, kernel_path, &request).await;
                    let mut answer = session.handle(request).await;
                    // The session knows of no other worker.
                    if let Event::TrainingStarted { workers, .. } = &mut answer {
                        *workers += u32::from(helper.is_some());
                    }
                    post(&answer);
                }
                Some(Err(reason)) => post_failure(
                    ErrorCode::BadRequest,
                    format!(
                        "the page and its worker do not understand each other ({reason}); reload the page"
                    ),
                ),
                // Nothing asked: on with the training.
                None => {}
            }
        }
    });
}

/// What the address of a helper says.
const HELPER: &str = "role=helper";

/// Serves another worker in place of the page.
async fn help(backend: Backend) {
    console_error_panic_hook::set_once();
    let served = match open(backend, |_| {}).await {
        Ok(opened) => helper::serve(&opened.device).await.map_err(JsValue::from),
        Err(error) => Err(error.to_string().into()),
    };
    if let Err(error) = served {
        // Arrives at the other end as an error of this worker.
        wasm_bindgen::throw_val(error);
    }
}

/// Has a helper started where a run may follow, and ready where one does.
async fn have_help(
    helper: &mut Option<Assistant>,
    backend: Backend,
    kernel_path: KernelPath,
    request: &Request,
) {
    let trains = matches!(request, Request::Train { .. });
    if !trains && !matches!(request, Request::WarmUp { .. }) {
        return;
    }
    // A worker shares a step only where the step is computed by kernels.
    let can_help = backend != Backend::WebGpu && kernel_path == KernelPath::Fused;
    if helper.is_none() && can_help && two_can_work() {
        let url = format!("{}&{HELPER}", location("href"));
        let started = Assistant::start(&url);
        *helper = started
            .inspect_err(|error| log::warn!("there is no helper: {error:?}"))
            .ok();
    }
    if trains {
        // From the first step or not at all: which numbers a seed leads to is not to depend on a race.
        let ready = match helper.as_mut() {
            Some(helper) => helper.ready().await,
            None => false,
        };
        if !ready {
            *helper = None;
        }
    }
}

/// Whether there is a second processor, and nobody has asked for one only.
fn two_can_work() -> bool {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into());
    let cores = navigator
        .and_then(|navigator| Reflect::get(&navigator, &"hardwareConcurrency".into()))
        .ok()
        .and_then(|cores| cores.as_f64());
    cores.is_some_and(|cores| cores >= 2.0) && !address_says("helper=off")
}

/// Whether this is one of the parameters in the worker's own address.
fn address_says(parameter: &str) -> bool {
    let search = location("search");
    let mut parts = search.trim_start_matches('?').split('&');
    parts.any(|part| part == parameter)
}

/// A part of the worker's own address.
fn location(part: &str) -> String {
    let location = Reflect::get(&js_sys::global(), &"location".into());
    let part = location.and_then(|location| Reflect::get(&location, &part.into()));
    part.ok()
        .and_then(|part| part.as_string())
        .unwrap_or_default()
}

/// Waits for the event loop to turn once. A timer would do, but browsers hold nested ones back for
/// 4 ms; a message to ourselves comes at once, after those that wait.
async fn next_turn() {
    let channel = MessageChannel::new();
    let promise = Promise::new(&mut |resolve, _| {
        channel.port1().set_onmessage(Some(&resolve));
        channel.port2().post_message(&JsValue::NULL);
    });
    JsFuture::from(promise).await.ok();
    channel.port1().close();
}

// Declared here rather than taken from web-sys: another feature of that crate would compile half of
// the WebGPU stack anew.
#[wasm_bindgen]
extern "C" {
    type MessageChannel;
    #[wasm_bindgen(constructor)]
    fn new() -> MessageChannel;
    #[wasm_bindgen(method, getter)]
    fn port1(this: &MessageChannel) -> MessagePort;
    #[wasm_bindgen(method, getter)]
    fn port2(this: &MessageChannel) -> MessagePort;

    type MessagePort;
    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &MessagePort, listener: Option<&Function>);
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &MessagePort, message: &JsValue);
    #[wasm_bindgen(method)]
    fn close(this: &MessagePort);
}

/// Waits, but never so long that a request would notice.
async fn sleep(time: Duration) {
    let milliseconds = (time.as_secs_f64() * 1e3).clamp(1.0, 20.0) as i32;
    let promise = Promise::new(&mut |resolve, _| {
        let set =
            scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        if set.is_err() {
            resolve.call0(&JsValue::NULL).ok();
        }
    });
    JsFuture::from(promise).await.ok();
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn post(event: &Event) {
    let value = event.serialize(&serde_wasm_bindgen::Serializer::new());
    let posted = match value {
        Ok(value) => {
            let transfer = Array::new();
            buffers(&value, &transfer);
            scope().post_message_with_transfer(&value, &transfer)
        }
        Err(error) => Err(JsValue::from(error)),
    };
    if let Err(error) = posted {
        log::error!("an event could not be posted: {error:?}");
    }
}

/// Collects the memory of all bytes in a message: it changes hands rather than being copied once more.
fn buffers(message: &JsValue, transfer: &Array) {
    if let Some(bytes) = message.dyn_ref::<Uint8Array>() {
        transfer.push(&bytes.buffer());
    } else if message.is_object() && !Array::is_array(message) {
        let fields = Object::values(message.unchecked_ref());
        fields.for_each(&mut |field, _, _| buffers(&field, transfer));
    }
}

/// A failure that belongs to no request.
fn post_failure(code: ErrorCode, message: String) {
    post(&Event::Failed {
        id: None,
        code,
        message,
    });
}

/// A panic ends the wasm instance: say so to the page before it goes, with the console's stack.
fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        post_failure(
            ErrorCode::BackendLost,
            format!("the worker stopped: {info}"),
        );
    }));
}
