//! The intake worker, seen from the page.

use crate::dom::{Listener, describe};
use protocol::{IntakeEvent, IntakeRequest};
use serde::Serialize as _;
use wasm_bindgen::JsCast;
use web_sys::{ErrorEvent, MessageEvent, WorkerOptions, WorkerType};

/// A running worker. Dropping it terminates it.
pub(super) struct IntakeWorker {
    worker: web_sys::Worker,
    _listeners: [Listener; 2],
}

impl IntakeWorker {
    /// Starts it. What it says comes to `on_said`; an error when it broke.
    ///
    /// # Errors
    ///
    /// When the browser refuses to start it at all, and why.
    pub(super) fn spawn(
        on_said: impl Fn(Result<IntakeEvent, String>) + Clone + 'static,
    ) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name("intake");
        let url = format!("./intake-worker.js?v={}", crate::engine::BUILD_ID);
        let worker =
            web_sys::Worker::new_with_options(&url, &options).map_err(|error| describe(&error))?;
        let said = on_said.clone();
        let on_message = Listener::new(&worker, "message", move |event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            said(
                serde_wasm_bindgen::from_value(data)
                    .map_err(|error| format!("it said something unreadable ({error})")),
            );
        });
        let on_error = Listener::new(&worker, "error", move |event| {
            let message = event
                .dyn_ref::<ErrorEvent>()
                .map(ErrorEvent::message)
                .filter(|message| !message.is_empty());
            on_said(Err(message.map_or_else(
                || "its program could not be fetched".to_owned(),
                |message| format!("it crashed ({message})"),
            )));
        });
        Ok(Self {
            worker,
            _listeners: [on_message, on_error],
        })
    }

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// When it can't cross to the worker, and why.
    pub(super) fn post(&self, request: &IntakeRequest) -> Result<(), String> {
        let message = request
            .serialize(&serde_wasm_bindgen::Serializer::new())
            .map_err(|error| error.to_string())?;
        self.worker
            .post_message(&message)
            .map_err(|error| describe(&error))
    }
}

impl Drop for IntakeWorker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
