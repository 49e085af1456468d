//! The golden cases on each backend: natively, and in a dedicated worker in headless Chromium.
//!
//! `cargo test -p tests --test golden` runs them natively; `cargo xtask test` also in the browser.
#![cfg(any(feature = "flex", feature = "ndarray", feature = "webgpu"))]

use engine::{DeviceError, open};
use protocol::Backend;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Allowed difference from PyTorch's float64, relative to the largest number of each tensor.
const CPU_TOLERANCE: f64 = 1e-4;
/// GPUs may reorder sums and approximate `exp` and `tanh`.
#[cfg(feature = "webgpu")]
const WEBGPU_TOLERANCE: f64 = 1e-3;

async fn agrees(backend: Backend, tolerance: f64) {
    let opened = match open(backend, |message| panic!("the device was lost: {message}")).await {
        Ok(opened) => opened,
        Err(DeviceError::Unavailable(reason)) => return skip(backend, &reason),
        Err(error) => panic!("{backend}: {error}"),
    };
    let report = tests::golden::run(&opened.device, tolerance).await;
    say(&format!(
        "{backend} on {}: {} numbers compared, worst difference {:.1e} ({})",
        opened.description.as_deref().unwrap_or("the CPU"),
        report.compared,
        report.worst,
        report.worst_at
    ));
    assert!(
        report.failures.is_empty(),
        "{backend}:\n{}",
        report.failures.join("\n")
    );
    assert!(
        report.compared > 1000,
        "only {} numbers were compared",
        report.compared
    );
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

macro_rules! golden {
    ($feature:literal, $name:ident, $backend:expr, $tolerance:expr) => {
        #[cfg(all(feature = $feature, target_arch = "wasm32"))]
        #[wasm_bindgen_test::wasm_bindgen_test]
        async fn $name() {
            agrees($backend, $tolerance).await;
        }

        #[cfg(all(feature = $feature, not(target_arch = "wasm32")))]
        #[test]
        fn $name() {
            futures_lite::future::block_on(agrees($backend, $tolerance));
        }
    };
}

golden!(
    "flex",
    flex_agrees_with_pytorch,
    Backend::Flex,
    CPU_TOLERANCE
);
golden!(
    "ndarray",
    ndarray_agrees_with_pytorch,
    Backend::NdArray,
    CPU_TOLERANCE
);
golden!(
    "webgpu",
    webgpu_agrees_with_pytorch,
    Backend::WebGpu,
    WEBGPU_TOLERANCE
);
