//! Event listeners that are removed when their guard is dropped.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventTarget};

/// Guard of an event listener.
#[must_use = "dropping it removes the listener"]
pub(crate) struct Listener {
    target: EventTarget,
    kind: &'static str,
    handler: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Calls `handler` for each event of this type at the target.
    pub(crate) fn new(
        target: &EventTarget,
        kind: &'static str,
        handler: impl FnMut(Event) + 'static,
    ) -> Self {
        let handler = Closure::<dyn FnMut(Event)>::new(handler);
        // Fails only for arguments of a wrong type.
        let _ = target.add_event_listener_with_callback(kind, handler.as_ref().unchecked_ref());
        Self {
            target: target.clone(),
            kind,
            handler,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self
            .target
            .remove_event_listener_with_callback(self.kind, self.handler.as_ref().unchecked_ref());
    }
}
