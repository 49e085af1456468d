//! Each backend agrees with PyTorch in float64 on the golden cases.

use crate::{log_line, on_backend, open_device};
use protocol::Backend;
use tests::golden::{self, Report};
use vae::KernelPath;

/// Maximum difference from PyTorch's float64, relative to the largest value of each tensor.
#[cfg(any(feature = "flex", feature = "ndarray"))]
const CPU_TOLERANCE: f64 = 1e-4;
/// GPUs may reorder sums and approximate `exp` and `tanh`.
#[cfg(feature = "webgpu")]
const WEBGPU_TOLERANCE: f64 = 1e-3;
/// Maximum difference of a pixel from ONNX Runtime's, on every backend.
const ONNX_TOLERANCE: f64 = 1e-4;
/// WGSL demands no more of `sin` and `cos` than an absolute error of 2⁻¹¹ between −π and π (WGSL, 15.7.4).
const WGSL_SINE_TOLERANCE: f64 = 1.0 / 2048.0;

/// Compares forward and backward passes and a training step.
async fn check_model(backend: Backend, tolerance: f64) {
    if let Some((device, description)) = open_device(backend).await {
        for path in KERNEL_PATHS {
            let report = golden::run(&device, path, tolerance).await;
            check(backend, &format!("{description}, {path:?}"), &report, 1000);
        }
    }
}

/// Compares log p(x, z), its gradient, and estimates of log p(x).
async fn check_evidence(backend: Backend, tolerance: f64) {
    if let Some((device, description)) = open_device(backend).await {
        for path in KERNEL_PATHS {
            let report = golden::evidence::run(&device, path, tolerance).await;
            check(backend, &format!("{description}, {path:?}"), &report, 800);
        }
    }
}

/// Compares steps of training for other objectives than the ELBO.
async fn check_objectives(backend: Backend, tolerance: f64) {
    if let Some((device, description)) = open_device(backend).await {
        for path in KERNEL_PATHS {
            let report = golden::objectives::run(&device, path, tolerance).await;
            check(backend, &format!("{description}, {path:?}"), &report, 1000);
        }
    }
}

/// Imports ONNX files and compares images and posteriors with those of ONNX Runtime.
async fn check_onnx(backend: Backend) {
    if let Some((device, description)) = open_device(backend).await {
        for path in KERNEL_PATHS {
            let tolerance = |case: &str| match (backend, case) {
                (Backend::WebGpu, "Sin" | "Cos") => WGSL_SINE_TOLERANCE,
                _ => ONNX_TOLERANCE,
            };
            let report = golden::onnx::run(&device, path, tolerance).await;
            check(
                backend,
                &format!("ONNX on {description}, {path:?}"),
                &report,
                14_000,
            );
        }
    }
}

/// The reference first, then the kernels.
pub(crate) const KERNEL_PATHS: [KernelPath; 2] = [KernelPath::Reference, KernelPath::Fused];

fn check(backend: Backend, description: &str, report: &Report, minimum: usize) {
    log_line(&format!(
        "{backend} on {description}: {} numbers compared, largest difference {:.1e} ({})",
        report.compared, report.worst, report.worst_at
    ));
    assert!(
        report.failures.is_empty(),
        "{backend}:\n{}",
        report.failures.join("\n")
    );
    assert!(
        report.compared > minimum,
        "only {} numbers were compared",
        report.compared
    );
}

on_backend!(
    "flex",
    model_agrees_with_pytorch_on_flex,
    check_model(Backend::Flex, CPU_TOLERANCE)
);
on_backend!(
    "ndarray",
    model_agrees_with_pytorch_on_ndarray,
    check_model(Backend::NdArray, CPU_TOLERANCE)
);
on_backend!(
    "webgpu",
    model_agrees_with_pytorch_on_webgpu,
    check_model(Backend::WebGpu, WEBGPU_TOLERANCE)
);

on_backend!(
    "flex",
    evidence_agrees_with_pytorch_on_flex,
    check_evidence(Backend::Flex, CPU_TOLERANCE)
);
on_backend!(
    "ndarray",
    evidence_agrees_with_pytorch_on_ndarray,
    check_evidence(Backend::NdArray, CPU_TOLERANCE)
);
on_backend!(
    "webgpu",
    evidence_agrees_with_pytorch_on_webgpu,
    check_evidence(Backend::WebGpu, WEBGPU_TOLERANCE)
);

on_backend!(
    "flex",
    objectives_agree_with_pytorch_on_flex,
    check_objectives(Backend::Flex, CPU_TOLERANCE)
);

on_backend!(
    "ndarray",
    objectives_agree_with_pytorch_on_ndarray,
    check_objectives(Backend::NdArray, CPU_TOLERANCE)
);

on_backend!(
    "webgpu",
    objectives_agree_with_pytorch_on_webgpu,
    check_objectives(Backend::WebGpu, WEBGPU_TOLERANCE)
);

on_backend!(
    "flex",
    onnx_agrees_with_onnx_runtime_on_flex,
    check_onnx(Backend::Flex)
);

on_backend!(
    "ndarray",
    onnx_agrees_with_onnx_runtime_on_ndarray,
    check_onnx(Backend::NdArray)
);

on_backend!(
    "webgpu",
    onnx_agrees_with_onnx_runtime_on_webgpu,
    check_onnx(Backend::WebGpu)
);
