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
    // For comparison: without a gradient worker in training runs. The page's address keeps its former name.
    let single = if query::address_contains("helper", "off") {
        "&gradient-worker=off"
    } else {
        ""
    };
    let mut url = format!("./engine-worker.js?backend={backend}{reference}{single}&v={BUILD_ID}");
    if fresh {
        // Part of the version, because the worker adds the version to the addresses of its files.
        url.push_str(&format!(".{}", js_sys::Date::now()));
    }
    worker::spawn(&url, name, on_message)
}
