//! The evaluation on a test set that cards report.

use anyhow::Result;
use burn::tensor::{Device, read_sync};
use vae::{Evaluation, Vae, weights::TestCard};

/// Samples of ε per test image.
pub(crate) const SAMPLES: usize = 16;
/// Seed of ε, and of binarized pixels.
pub(crate) const SEED: u64 = 0;

/// The ELBO on the test images.
///
/// # Shapes
/// - `pixels`: `[n, input]`
/// - `labels`: `[n]`
pub(crate) fn evaluate(
    model: &Vae,
    pixels: &[f32],
    labels: &[u8],
    device: &Device,
) -> Result<Evaluation> {
    let evaluation = vae::evaluate(model, pixels, labels, SAMPLES, SEED, device);
    Ok(read_sync(evaluation)?)
}

/// The card's test results; `storage_loss` is the ELBO lost by quantization, in nats per image.
pub(crate) fn test_card(set: &str, evaluation: &Evaluation, storage_loss: f64) -> TestCard {
    TestCard {
        set: set.to_owned(),
        count: evaluation.count,
        samples: evaluation.samples,
        neg_elbo: evaluation.elbo.neg_elbo(),
        standard_error: evaluation.standard_error,
        reconstruction: -evaluation.elbo.reconstruction,
        kl: evaluation.elbo.kl(),
        kl_per_dimension: evaluation.elbo.kl_per_dimension.clone(),
        active_units: evaluation.active_units(),
        storage_loss: Some(storage_loss),
    }
}
