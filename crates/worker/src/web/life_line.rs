//! Notices that a worker has ended, whatever ended it: a port that only the worker has closes then. Browsers without that
//! event, and workers that are busy forever, are left to the page's watchdog.

use super::bindings::{MessageChannel, MessagePort, Worker};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

/// A channel to a worker, through which nothing is sent.
#[derive(Debug)]
pub(super) struct LifeLine {
    port: MessagePort,
    _listener: Closure<dyn FnMut(JsValue)>,
}

impl LifeLine {
    /// Gives the other end to a worker that [holds](hold) it, and calls `on_end` when the worker ends.
    ///
    /// # Errors
    /// The browser's error.
    pub(super) fn tie(worker: &Worker, on_end: impl Fn() + 'static) -> Result<Self, JsValue> {
        let channel = MessageChannel::new();
        let end = channel.port2();
        let end: &JsValue = end.as_ref();
        worker.post_message(end, &Array::of1(end))?;
        let port = channel.port1();
        let listener = Closure::<dyn FnMut(JsValue)>::new(move |_| on_end());
        port.set_onclose(Some(listener.as_ref().unchecked_ref()));
        port.start();
        Ok(Self {
            port,
            _listener: listener,
        })
    }
}

impl Drop for LifeLine {
    fn drop(&mut self) {
        self.port.set_onclose(None);
        self.port.close();
    }
}

/// In a worker: keeps the end of a life line for as long as the worker lives.
///
/// # Errors
/// The message, if it is something else.
pub(super) fn hold(message: JsValue) -> Result<(), JsValue> {
    let end: MessagePort = message.dyn_into()?;
    // Without a reference, the browser would close it.
    std::mem::forget(end);
    Ok(())
}
