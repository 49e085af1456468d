//! The golden cases: the numbers of PyTorch in float64.

use crate::{on_backend, opened, say};
use protocol::Backend;

/// Allowed difference from PyTorch's float64, relative to the largest number of each tensor.
#[cfg(any(feature = "flex", feature = "ndarray"))]
const CPU_TOLERANCE: f64 = 1e-4;
/// GPUs may reorder sums and approximate `exp` and `tanh`.
#[cfg(feature = "webgpu")]
const WEBGPU_TOLERANCE: f64 = 1e-3;

async fn agrees(backend: Backend, tolerance: f64) {
    let Some((device, description)) = opened(backend).await else {
        return;
    };
    let report = tests::golden::run(&device, tolerance).await;
    say(&format!(
        "{backend} on {description}: {} numbers compared, worst difference {:.1e} ({})",
        report.compared, report.worst, report.worst_at
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

on_backend!(
    "flex",
    flex_agrees_with_pytorch,
    agrees(Backend::Flex, CPU_TOLERANCE)
);
on_backend!(
    "ndarray",
    ndarray_agrees_with_pytorch,
    agrees(Backend::NdArray, CPU_TOLERANCE)
);
on_backend!(
    "webgpu",
    webgpu_agrees_with_pytorch,
    agrees(Backend::WebGpu, WEBGPU_TOLERANCE)
);
