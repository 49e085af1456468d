//! Steps whose result is discarded, so that the first step of a run is as fast as the others.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

use crate::response_future::ResponseFuture;
use burn::tensor::Device;
use protocol::{Likelihood, RequestError, TrainingSpec, VaeConfig};
use vae::{
    ImageShape, KernelPath, Vae,
    train::{TrainingError, TrainingImages, TrainingRun},
};
use web_time::Instant;

/// Images in a batch, as the page suggests.
const BATCH: usize = 128;
/// Hidden layers as the page suggests for many digits, so that the memory that a step needs is allocated, too.
const HIDDEN: [usize; 2] = [256, 128];
/// Seconds after which no further step is made. A browser's optimizing compiler, which runs concurrently, has
/// compiled the loops of a step by then.
const SECONDS: f64 = 0.2;
/// The most steps.
const MAX_STEPS: usize = 40;

/// The type of [`warm_up_boxed`].
pub(crate) type WarmUp = for<'a> fn(&'a Device, KernelPath) -> ResponseFuture<'a, ()>;

/// As [`warm_up`], for a session.
///
/// # Errors
/// When the device fails.
pub(crate) fn warm_up_boxed(device: &Device, kernel_path: KernelPath) -> ResponseFuture<'_, ()> {
    Box::pin(async move {
        warm_up(device, kernel_path)
            .await
            .map_err(RequestError::backend_lost)
    })
}

/// Trains a small model on an arbitrary pattern for a moment and discards it. A browser compiles a wasm module
/// without optimization first and optimizes what has run for a while; a GPU compiles each kernel when it first runs.
///
/// # Errors
/// When the device fails.
pub async fn warm_up(device: &Device, kernel_path: KernelPath) -> Result<(), TrainingError> {
    let spec = TrainingSpec {
        batch: BATCH,
        shift: 1,
        warp_share: 0.5,
        ..TrainingSpec::default()
    };
    let architecture = VaeConfig::symmetric(
        ImageShape::MNIST.values(),
        HIDDEN.to_vec(),
        16,
        Likelihood::Bernoulli,
    );
    let model = Vae::init(&architecture, spec.seed, device)
        .expect("a fixed architecture that is valid")
        .with_kernel_path(kernel_path);
    // About half of the pixels are ink.
    let pixels = (0..BATCH * ImageShape::MNIST.values())
        .map(|i| {
            if (i as u64 * i as u64 / 7) % 13 < 6 {
                255
            } else {
                0
            }
        })
        .collect();
    let mut images = TrainingImages::new(ImageShape::MNIST, pixels);
    let mut run = TrainingRun::new(spec, &model, device)?;
    let start = Instant::now();
    for _ in 0..MAX_STEPS {
        run.step(&mut images, 0.0).await?;
        if start.elapsed().as_secs_f64() > SECONDS {
            break;
        }
    }
    Ok(())
}
