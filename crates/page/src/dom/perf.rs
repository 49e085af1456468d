//! Marks and measures of the Performance API, which benchmarks read.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Performance;

/// Entries of one name are cleared beyond this number; the browser never frees them.
const MAX_ENTRIES: u32 = 400;

fn performance() -> Option<Performance> {
    web_sys::window()?.performance()
}

/// Milliseconds since the time origin, as in an event's `timeStamp`.
pub(crate) fn now() -> f64 {
    performance().map_or(0.0, |performance| performance.now())
}

/// Records a mark at the current time.
pub(crate) fn mark(name: &str) {
    if let Some(performance) = performance() {
        // Marks are for measurements only, so failure is ignored.
        let _ = performance.mark(name);
    }
}

/// Whether there is an entry of this name.
pub(crate) fn has_mark(name: &str) -> bool {
    performance().is_some_and(|performance| performance.get_entries_by_name(name).length() > 0)
}

/// Records a measure from `start` to `end`, in milliseconds.
pub(crate) fn measure(name: &str, start: f64, end: f64) {
    let Some(performance) = performance() else {
        return;
    };
    if performance.get_entries_by_name(name).length() >= MAX_ENTRIES {
        performance.clear_measures_with_measure_name(name);
    }
    // web-sys has `measure` with options only behind its unstable flag.
    let options = Object::new();
    let _ = Reflect::set(&options, &"start".into(), &start.into());
    let _ = Reflect::set(&options, &"end".into(), &end.into());
    let method = Reflect::get(&performance, &JsValue::from_str("measure"))
        .ok()
        .and_then(|method| method.dyn_into::<Function>().ok());
    if let Some(method) = method {
        let _ = method.call2(&performance, &name.into(), &options);
    }
}
