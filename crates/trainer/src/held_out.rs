//! The loss on held-out images by which a run chooses its best epoch.

use anyhow::Result;
use burn::tensor::{Device, read_sync};
use vae::{
    Evaluation, Vae,
    evidence::{GridPass, LatentGrid},
    train::Objective,
};

/// Cells along each side of the grid on which log p(x) is computed. The mean over the images differs by about a tenth of a
/// nat from that of a finer grid, and equally for each epoch.
const GRID_SIDE: usize = 128;

/// The loss that the objective minimizes, in nats per image: −log p(x) for a model that is trained on it, by quadrature if
/// there are two latent dimensions, and −ELBO for others. A model trained on log p(x) has an encoder that follows, and an ELBO
/// that says little about its decoder.
pub(crate) fn loss(
    objective: Objective,
    model: &Vae,
    pixels: &[f32],
    evaluation: &Evaluation,
    device: &Device,
) -> Result<f64> {
    match objective {
        Objective::Exact { .. } if model.latent_size() == 2 => exact(model, pixels, device),
        _ => Ok(evaluation.elbo.neg_elbo()),
    }
}

/// The mean of −log p(x).
fn exact(model: &Vae, pixels: &[f32], device: &Device) -> Result<f64> {
    let grid = LatentGrid::new(GRID_SIDE, LatentGrid::REACH)?;
    let mut pass = GridPass::new(model, grid, device)?;
    while !pass.is_done() {
        read_sync(pass.advance(model, &[]))?;
    }
    let images = pixels.chunks(model.input_size());
    let count = images.len() as f64;
    let mut sum = 0.0;
    for image in images {
        sum -= read_sync(pass.exact(image))?.log_evidence;
    }
    Ok(sum / count)
}
