//! A worker that takes and sends serde types.

use super::{describe, raw_worker::RawWorker, transfer};
use crate::{Attachment, Bytes, OnMessage, Port};
use serde::{Serialize, de::DeserializeOwned};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// Starts the worker at `url`, with this name in the browser's tools. Its messages go to `on_message`.
///
/// # Errors
/// Why the browser can't start it.
pub fn spawn<Request, Message>(
    url: &str,
    name: &str,
    on_message: OnMessage<Message>,
) -> Result<Box<dyn Port<Request>>, String>
where
    Request: Serialize,
    Message: DeserializeOwned + 'static,
{
    let on_message = Rc::new(on_message);
    let worker = RawWorker::start(url, name, move |message| {
        on_message(message.and_then(read));
    })?;
    Ok(Box::new(worker))
}

/// Takes over a worker, a `Worker` of JavaScript that a script has started. Its messages go to `on_message`.
pub fn adopt<Request, Message>(
    worker: Attachment,
    on_message: OnMessage<Message>,
) -> Box<dyn Port<Request>>
where
    Request: Serialize,
    Message: DeserializeOwned + 'static,
{
    let on_message = Rc::new(on_message);
    let worker = RawWorker::adopt(worker.0.unchecked_into(), move |message| {
        on_message(message.and_then(read));
    });
    Box::new(worker)
}

/// The same for a worker that sends bytes beside its messages, with [`post_with`](super::scope::post_with).
///
/// # Errors
/// Why the browser can't start it.
pub fn spawn_with_bytes<Request, Message>(
    url: &str,
    name: &str,
    on_message: OnMessage<(Message, Vec<Bytes>)>,
) -> Result<Box<dyn Port<Request>>, String>
where
    Request: Serialize,
    Message: DeserializeOwned + 'static,
{
    let on_message = Rc::new(on_message);
    let worker = RawWorker::start(url, name, move |message| {
        on_message(message.and_then(|message| {
            let (message, bytes) = transfer::split_bytes(message);
            Ok((read(message)?, bytes))
        }));
    })?;
    Ok(Box::new(worker))
}

fn read<Message: DeserializeOwned>(message: JsValue) -> Result<Message, String> {
    serde_wasm_bindgen::from_value(message)
        .map_err(|error| format!("it sent an unreadable message ({error})"))
}

impl<Request: Serialize> Port<Request> for RawWorker {
    fn post(&self, request: &Request) -> Result<(), String> {
        let (message, buffers) = transfer::to_message(request).map_err(|e| e.to_string())?;
        Self::post(self, &message, &buffers)
    }

    fn post_with(&self, request: &Request, attachments: &[Attachment]) -> Result<(), String> {
        let (message, buffers) = transfer::to_message(request).map_err(|e| e.to_string())?;
        transfer::attach(&message, attachments).map_err(|e| describe(&e))?;
        Self::post(self, &message, &buffers)
    }

    fn post_with_bytes(
        &self,
        request: &Request,
        path: &[&str],
        bytes: &[Bytes],
    ) -> Result<(), String> {
        let (message, buffers) = transfer::to_message(request).map_err(|e| e.to_string())?;
        let bytes = Bytes::concat(bytes);
        transfer::set(&message, path, bytes.as_array()).map_err(|e| describe(&e))?;
        buffers.push(&bytes.as_array().buffer());
        Self::post(self, &message, &buffers)
    }
}
