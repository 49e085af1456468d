//! The session behind `postMessage`, in a dedicated worker.

use crate::{Session, open};
use futures_channel::mpsc;
use futures_util::StreamExt;
use protocol::{Backend, ErrorCode, Event, PROTOCOL_VERSION, Request};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Starts serving the page with a backend. Says hello at once, since a worker drops what arrives
/// before it listens.
///
/// # Panics
/// Outside a dedicated worker.
pub fn start(backend: Backend) {
    report_panics();
    // A broken shader is only ever logged: the log must reach the console.
    console_log::init_with_level(log::Level::Warn).ok();

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
                Session::new(opened.device)
            }
            Err(error) => {
                return post_failure(ErrorCode::BackendUnavailable, error.to_string());
            }
        };
        while let Some(request) = requests.next().await {
            match request {
                Ok(request) => post(&session.handle(request).await),
                Err(reason) => post_failure(
                    ErrorCode::BadRequest,
                    format!(
                        "the page and its worker do not understand each other ({reason}); reload the page"
                    ),
                ),
            }
        }
    });
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn post(event: &Event) {
    let value = event.serialize(&serde_wasm_bindgen::Serializer::new());
    let posted = match value {
        Ok(value) => scope().post_message(&value),
        Err(error) => Err(JsValue::from(error)),
    };
    if let Err(error) = posted {
        log::error!("an event could not be posted: {error:?}");
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
