//! Follows the size of an element.

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};

/// Calls a function when an element is laid out for the first time, and whenever its size changes; until it is dropped.
pub(crate) struct SizeObserver {
    observer: Option<ResizeObserver>,
    // Called by the observer.
    _on_change: Closure<dyn FnMut()>,
}

impl SizeObserver {
    /// Observes the element. Browsers without `ResizeObserver` never call the function.
    pub(crate) fn new(element: &Element, on_change: impl FnMut() + 'static) -> Self {
        let on_change = Closure::<dyn FnMut()>::new(on_change);
        let observer = ResizeObserver::new(on_change.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(element);
        }
        Self {
            observer,
            _on_change: on_change,
        }
    }
}

impl Drop for SizeObserver {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}
