//! A dedicated worker that speaks a protocol of requests and events.

use crate::dom::describe;
use crate::dom::listener::Listener;
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;
use wasm_bindgen::JsCast;
use web_sys::{ErrorEvent, MessageEvent, WorkerOptions, WorkerType};

/// Ties a worker's address to this build, so that a browser's cache does not pair a new page with
/// an old worker.
pub(crate) const BUILD_ID: &str = match option_env!("ELBO_ROOM_BUILD_ID") {
    Some(id) => id,
    None => env!("CARGO_PKG_VERSION"),
};

/// What comes from a worker.
#[derive(Debug)]
pub(crate) enum Said<Event> {
    /// A message of the protocol.
    Event(Event),
    /// The worker broke: it did not load, threw, or said something unreadable.
    Broke(String),
}

/// A running worker that takes requests. Dropping it terminates it.
pub(crate) struct Worker<Request> {
    worker: web_sys::Worker,
    _listeners: [Listener; 3],
    _takes: PhantomData<fn(Request)>,
}

impl<Request: Serialize> Worker<Request> {
    /// Starts the worker at `url`, under this name in the browser's tools. What it says goes to
    /// `on_said`.
    ///
    /// # Errors
    ///
    /// When the browser refuses to start it at all, and why.
    pub(crate) fn spawn<Event: DeserializeOwned>(
        url: &str,
        name: &str,
        on_said: impl Fn(Said<Event>) + Clone + 'static,
    ) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(name);
        let worker =
            web_sys::Worker::new_with_options(url, &options).map_err(|error| describe(&error))?;
        let said = on_said.clone();
        let on_message = Listener::new(&worker, "message", move |event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            said(match serde_wasm_bindgen::from_value(data) {
                Ok(event) => Said::Event(event),
                Err(error) => Said::Broke(format!("it said something unreadable ({error})")),
            });
        });
        let said = on_said.clone();
        let on_error = Listener::new(&worker, "error", move |event| {
            // A worker whose file does not load gets a plain event without a message.
            let message = event
                .dyn_ref::<ErrorEvent>()
                .map(ErrorEvent::message)
                .filter(|message| !message.is_empty());
            said(Said::Broke(match message {
                Some(message) => format!("it crashed ({message})"),
                None => "its program could not be fetched".to_owned(),
            }));
        });
        let on_message_error = Listener::new(&worker, "messageerror", move |_| {
            on_said(Said::Broke("it said something unreadable".to_owned()));
        });
        Ok(Self {
            worker,
            _listeners: [on_message, on_error, on_message_error],
            _takes: PhantomData,
        })
    }

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// When it can't cross to the worker, and why.
    pub(crate) fn post(&self, request: &Request) -> Result<(), String> {
        let message = request
            .serialize(&serde_wasm_bindgen::Serializer::new())
            .map_err(|error| error.to_string())?;
        self.worker
            .post_message(&message)
            .map_err(|error| describe(&error))
    }
}

impl<Request> Drop for Worker<Request> {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
