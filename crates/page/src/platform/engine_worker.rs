//! Starts engine workers.

use crate::dom::query;
use crate::platform::build_id::BUILD_ID;
use client::platform::EnginePort;
use protocol::{Backend, EngineMessage};
use worker::OnMessage;

/// Starts the worker of a backend, with this name in the browser's tools. `fresh` bypasses the
/// browser's cache.
///
/// # Errors
///
/// Why the browser can't start it.
pub(crate) fn spawn(
    backend: Backend,
    name: &str,
    fresh: bool,
    on_message: OnMessage<EngineMessage>,
) -> Result<EnginePort, String> {
    // For comparison: without fused multiply-adds and without our own kernels.
    let reference = if query::address_contains("fast", "off") {
        "&fast=off"
    } else {
        ""
    };
    // For comparison: without a second worker in a training run.
    let single = if query::address_contains("helper", "off") {
        "&helper=off"
    } else {
        ""
    };
    let mut url = format!("./engine-worker.js?backend={backend}{reference}{single}&v={BUILD_ID}");
    if fresh {
        // It is part of the version because the worker passes the version on to its own files.
        url.push_str(&format!(".{}", js_sys::Date::now()));
    }
    worker::spawn(&url, name, on_message)
}
