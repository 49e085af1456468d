//! Times that a benchmark can read back through the Performance API.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Performance;

/// Above this many entries of one name, the old ones are cleared: nobody reads them, and they are
/// never freed otherwise.
const KEPT: u32 = 400;

fn performance() -> Option<Performance> {
    web_sys::window()?.performance()
}

/// Milliseconds on the timeline that events' `timeStamp` uses.
pub(crate) fn now() -> f64 {
    performance().map_or(0.0, |performance| performance.now())
}

/// Notes that something happened now.
pub(crate) fn mark(name: &str) {
    if let Some(performance) = performance() {
        // A mark is for whoever measures; the page goes on without.
        let _ = performance.mark(name);
    }
}

/// Notes how long something took.
pub(crate) fn measure(name: &str, start: f64, end: f64) {
    let Some(performance) = performance() else {
        return;
    };
    if performance.get_entries_by_name(name).length() >= KEPT {
        performance.clear_measures_with_measure_name(name);
    }
    // web-sys has the options form of `measure` only behind its unstable flag.
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
