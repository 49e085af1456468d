//! What the page should show, computed without the page: the same weights, natively, on flex.

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use std::path::Path;
use vae::weights::{Card, load};

/// The 28×28 grey values of the mean of p(x|z), from the weights in a folder.
///
/// # Errors
///
/// When the model is not there, or is broken, or `z` is of another length.
pub fn native_decode(weights: &Path, model: &str, z: &[f32]) -> Result<Vec<u8>> {
    let file = |extension: &str| weights.join(format!("{model}.{extension}"));
    let read = |extension: &str| {
        let file = file(extension);
        std::fs::read(&file).with_context(|| format!("reading {}", file.display()))
    };
    let card = Card::from_json(&String::from_utf8(read("json")?)?)?;
    let device = Device::flex();
    let model = load(&card, &read("safetensors")?, &device)?;
    ensure!(
        z.len() == model.latent_size(),
        "{} takes a z of {}, not {}",
        card.name,
        model.latent_size(),
        z.len()
    );
    let z = TensorData::new(z.to_vec(), [1, z.len()]);
    let mean = model.decode(Tensor::<2>::from_data(z, &device));
    Ok(mean
        .into_data()
        .iter::<f32>()
        .map(|mean| (mean.clamp(0.0, 1.0) * 255.0).round() as u8)
        .collect())
}
