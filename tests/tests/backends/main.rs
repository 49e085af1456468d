//! Each backend: it agrees with PyTorch, and it trains. Natively, and in a dedicated worker in
//! headless Chromium.
//!
//! `cargo test -p tests --test backends` runs them natively; `cargo xtask test` also in the browser.
#![cfg(any(feature = "flex", feature = "ndarray", feature = "webgpu"))]

mod golden;
mod sizes;
mod training;

use burn::tensor::Device;
use engine::{DeviceError, open};
use protocol::Backend;
use std::cell::RefCell;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

thread_local! {
    /// The backend's device, once it is open: in the browser all tests run in one worker.
    static OPEN: RefCell<Option<(Device, String)>> = const { RefCell::new(None) };
}

/// The backend's device and what it runs on; none, said aloud, where there is none.
async fn opened(backend: Backend) -> Option<(Device, String)> {
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

/// Says aloud that a backend was not tested; where CI promises an adapter, that is a failure.
fn skip(backend: Backend, reason: &str) {
    say(&format!("SKIPPED: {backend}: {reason}"));
    #[cfg(target_arch = "wasm32")]
    let ci = option_env!("CI").is_some();
    #[cfg(not(target_arch = "wasm32"))]
    let ci = std::env::var_os("CI").is_some();
    assert!(
        !ci,
        "{backend} has no adapter, and CI has to have one: {reason}"
    );
}

fn say(line: &str) {
    #[cfg(target_arch = "wasm32")]
    wasm_bindgen_test::console_log!("{line}");
    #[cfg(not(target_arch = "wasm32"))]
    println!("{line}");
}

/// A test of one backend, in the browser and natively.
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
