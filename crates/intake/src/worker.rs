//! The desk behind `postMessage`, in a dedicated worker.

use crate::Desk;
use protocol::{IntakeEvent, IntakeRequest, PROTOCOL_VERSION};
use serde::Serialize;
use std::cell::RefCell;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Starts serving the page.
///
/// # Panics
/// Outside a dedicated worker.
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        post(&IntakeEvent::Failed {
            id: None,
            message: format!("reading stopped: {info}"),
        });
    }));
    let desk = RefCell::new(Desk::default());
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
        let answer = match serde_wasm_bindgen::from_value::<IntakeRequest>(message.data()) {
            Ok(request) => desk.borrow_mut().handle(request),
            Err(reason) => IntakeEvent::Failed {
                id: None,
                message: format!(
                    "the page and its worker do not understand each other ({reason}); reload the page"
                ),
            },
        };
        post(&answer);
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // The listener stays for the worker's whole life.
    on_message.forget();
    post(&IntakeEvent::Hello {
        protocol: PROTOCOL_VERSION,
    });
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn post(event: &IntakeEvent) {
    // Nothing but plain data: what can't cross is a bug, and the console is the place for it.
    let posted = event
        .serialize(&serde_wasm_bindgen::Serializer::new())
        .map(|value| scope().post_message(&value));
    if !matches!(posted, Ok(Ok(()))) {
        web_sys::console::error_1(&"an event of the intake worker could not be posted".into());
    }
}
