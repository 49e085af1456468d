//! Engine workers, as the stage and the training client start them.

use crate::client::worker::BUILD_ID;
use crate::dom::query;
use protocol::{Backend, EngineMessage, Envelope, Request};
use worker::Port;

/// A running engine worker. Dropping it terminates it.
pub(crate) type EngineWorker = Box<dyn Port<Envelope<Request>>>;

/// Starts the worker of a backend, under this name in the browser's tools. `fresh` goes around the
/// browser's cache.
///
/// # Errors
///
/// When the browser refuses to start it at all, and why.
pub(crate) fn spawn(
    backend: Backend,
    name: &str,
    fresh: bool,
    on_message: impl Fn(Result<EngineMessage, String>) + 'static,
) -> Result<EngineWorker, String> {
    // To compare: without what only newer browsers can do, and without our own passes through a model.
    let plain = if query::address_contains("fast", "off") {
        "&fast=off"
    } else {
        ""
    };
    // The same for the second worker that a training run has.
    let alone = if query::address_contains("helper", "off") {
        "&helper=off"
    } else {
        ""
    };
    let mut url = format!("./engine-worker.js?backend={backend}{plain}{alone}&v={BUILD_ID}");
    if fresh {
        // Part of the version, because that is what the worker hands on to its own files.
        url.push_str(&format!(".{}", js_sys::Date::now()));
    }
    worker::spawn(&url, name, Box::new(on_message))
}
