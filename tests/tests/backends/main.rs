//! Tests of each backend: it agrees with PyTorch, and it trains.
//!
//! `cargo test -p tests --test backends` runs them natively; `cargo xtask test` also runs them in a
//! dedicated worker in headless Chromium.
#![cfg(any(feature = "flex", feature = "ndarray", feature = "webgpu"))]

mod golden;
#[cfg(any(feature = "flex", feature = "ndarray"))]
mod previous_version;
mod sizes;
mod training;

use burn::tensor::Device;
use engine::{DeviceError, open};
use protocol::Backend;
use std::cell::RefCell;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

thread_local! {
    /// The backend's device once it is open. In the browser all tests share one worker.
    static OPEN: RefCell<Option<(Device, String)>> = const { RefCell::new(None) };
}

/// The backend's device and a description of it; reports and returns `None` if there is no device.
async fn open_device(backend: Backend) -> Option<(Device, String)> {
    if let Some(open) = OPEN.with_borrow(Clone::clone) {
        return Some(open);
    }
    let opened = match open(backend, |message| panic!("the device was lost: {message}")).await {
        Ok(opened) => opened,
        Err(DeviceError::Unavailable(reason)) => {
            skip(backend, &reason);
            return None;
        }
        Err(error) => panic!("{backend}: {error}"),
    };
    let description = opened.description.unwrap_or_else(|| "the CPU".to_owned());
    let open = (opened.device, description);
    OPEN.set(Some(open.clone()));
    Some(open)
}

/// Reports that a backend was not tested. In CI, where an adapter is required, that is a failure.
fn skip(backend: Backend, reason: &str) {
    log_line(&format!("SKIPPED: {backend}: {reason}"));
    #[cfg(target_arch = "wasm32")]
    let ci = option_env!("CI").is_some();
    #[cfg(not(target_arch = "wasm32"))]
    let ci = std::env::var_os("CI").is_some();
    assert!(!ci, "{backend} has no adapter, which CI requires: {reason}");
}

fn log_line(line: &str) {
    #[cfg(target_arch = "wasm32")]
    wasm_bindgen_test::console_log!("{line}");
    #[cfg(not(target_arch = "wasm32"))]
    println!("{line}");
}

/// Defines a test of one backend, native and in the browser.
macro_rules! on_backend {
    ($feature:literal, $name:ident, $test:expr) => {
        #[cfg(all(feature = $feature, target_arch = "wasm32"))]
        #[wasm_bindgen_test::wasm_bindgen_test]
        async fn $name() {
            $test.await;
        }

        #[cfg(all(feature = $feature, not(target_arch = "wasm32")))]
        #[test]
        fn $name() {
            futures_lite::future::block_on($test);
        }
    };
}
use on_backend;
