//! A worker that takes and sends JavaScript values.

use super::{
    bindings::{Worker, WorkerEvent},
    describe,
    life_line::LifeLine,
};
use js_sys::{Array, Object, Reflect};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

/// A running worker. Dropping it terminates it.
#[derive(Debug)]
pub struct RawWorker {
    worker: Worker,
    /// Tied once the worker has sent a message: it listens then.
    line: Rc<RefCell<Option<LifeLine>>>,
    _listeners: [Closure<dyn FnMut(JsValue)>; 3],
}

impl RawWorker {
    /// Starts the worker at `url`, with this name in the browser's tools. Its messages go to `on_message`; an error
    /// means that the worker can no longer be used.
    ///
    /// # Errors
    /// Why the browser can't start it.
    pub fn start(
        url: &str,
        name: &str,
        on_message: impl Fn(Result<JsValue, String>) + Clone + 'static,
    ) -> Result<Self, String> {
        let options = Object::new();
        for (key, value) in [("type", "module"), ("name", name)] {
            Reflect::set(&options, &key.into(), &value.into()).map_err(|e| describe(&e))?;
        }
        let worker = Worker::new(url, &options).map_err(|error| describe(&error))?;
        let line = Rc::new(RefCell::new(None));
        let (tied, end) = (line.clone(), worker.clone());
        let mut started = Self::adopt(worker, move |message| {
            if message.is_ok() && tied.borrow().is_none() {
                let on_message = on_message.clone();
                let on_end = move || on_message(Err("the browser ended it".to_owned()));
                tied.replace(LifeLine::tie(&end, on_end).ok());
            }
            on_message(message);
        });
        started.line = line;
        Ok(started)
    }

    /// Listens to a worker that a script has started.
    pub(super) fn adopt(
        worker: Worker,
        on_message: impl Fn(Result<JsValue, String>) + Clone + 'static,
    ) -> Self {
        let send = on_message.clone();
        let message = listener(move |event| send(Ok(event.data())));
        let send = on_message.clone();
        let error = listener(move |event| {
            let message = event.message().as_string();
            send(Err(match message.filter(|message| !message.is_empty()) {
                Some(message) => format!("it crashed ({message})"),
                None => "its program could not be fetched".to_owned(),
            }));
        });
        let message_error =
            listener(move |_| on_message(Err("it sent an unreadable message".to_owned())));
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(message_error.as_ref().unchecked_ref()));
        Self {
            worker,
            line: Rc::default(),
            _listeners: [message, error, message_error],
        }
    }

    /// Sends a value. The buffers in `transfer` change owner.
    ///
    /// # Errors
    /// Why it could not be sent.
    pub fn post(&self, message: &JsValue, transfer: &Array) -> Result<(), String> {
        self.worker
            .post_message(message, transfer)
            .map_err(|error| describe(&error))
    }
}

impl Drop for RawWorker {
    fn drop(&mut self) {
        self.line.take();
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.set_onmessageerror(None);
        self.worker.terminate();
    }
}

fn listener(on_event: impl Fn(WorkerEvent) + 'static) -> Closure<dyn FnMut(JsValue)> {
    Closure::new(move |event: JsValue| on_event(event.unchecked_into()))
}
