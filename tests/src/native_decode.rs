//! Computes natively, on the flex backend, what the page should show for the same weights.

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData, read_sync};
use std::path::Path;
use vae::{
    Condition, Vae,
    weights::{Card, load},
};

/// Decodes z with a model in a folder of weights: the mean of p(x|z) as grey levels, `[784]`.
///
/// # Errors
///
/// If the model is missing or broken, or `z` has the wrong length.
pub fn native_decode(weights: &Path, model: &str, z: &[f32]) -> Result<Vec<u8>> {
    native_decode_given(weights, model, z, &[])
}

/// As [`native_decode`], for a conditional model: the mean of p(x|z, c) with class weights c, `[classes]`.
///
/// # Errors
///
/// If the model is missing or broken, or `z` or `condition` has the wrong length.
pub fn native_decode_given(
    weights: &Path,
    model: &str,
    z: &[f32],
    condition: &[f32],
) -> Result<Vec<u8>> {
    decode_with(&model_in(weights, model, &Device::flex())?, z, condition)
}

/// As [`native_decode`], from the contents of a card and its weights.
///
/// # Errors
///
/// If they are broken, or `z` has the wrong length.
pub fn decode_files(card: &[u8], weights: &[u8], z: &[f32]) -> Result<Vec<u8>> {
    decode_with(&model(card, weights, &Device::flex())?, z, &[])
}

/// As [`native_decode_given`], with a model that is loaded.
///
/// # Errors
///
/// If `z` or `condition` has the wrong length.
pub fn decode_with(model: &Vae, z: &[f32], condition: &[f32]) -> Result<Vec<u8>> {
    ensure!(
        z.len() == model.latent_size(),
        "the model has {} latent dimensions, but z has {}",
        model.latent_size(),
        z.len()
    );
    ensure!(
        condition.len() == model.classes(),
        "the model has {} classes, but {} class weights were given",
        model.classes(),
        condition.len()
    );
    let device = Device::flex();
    let z = Tensor::<2>::from_data(TensorData::new(z.to_vec(), [1, z.len()]), &device);
    let mean = model.decode(z, &Condition::shared(condition, 1, &device));
    Ok(mean
        .into_data()
        .iter::<f32>()
        .map(|mean| (mean.clamp(0.0, 1.0) * 255.0).round() as u8)
        .collect())
}

/// Encodes an image of grey levels, `[784]`, with a model in a folder of weights: μ and σ of q(z|x), each
/// `[latent]`.
///
/// # Errors
///
/// If the model is missing or broken.
pub fn native_encode(weights: &Path, model: &str, image: &[u8]) -> Result<[Vec<f32>; 2]> {
    let device = Device::flex();
    let model = model_in(weights, model, &device)?;
    let x: Vec<f32> = image.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let x = Tensor::<2>::from_data(TensorData::new(x, [1, image.len()]), &device);
    let q = model.encoder.forward(x, &Condition::none());
    Ok([q.mu.clone(), q.std()].map(|numbers| numbers.into_data().iter::<f32>().collect()))
}

/// −ELBO in nats per image, the mean over images of grey levels, `[n × 784]`, with one sample of z per
/// image, from the contents of a card and its weights.
///
/// # Errors
///
/// If they are broken.
pub fn neg_elbo_of_files(card: &[u8], weights: &[u8], images: &[u8]) -> Result<f64> {
    let device = Device::flex();
    let model = model(card, weights, &device)?;
    let x: Vec<f32> = images.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let found = read_sync(vae::evaluate(&model, &x, &[], 1, 0, &device));
    Ok(found
        .map_err(|error| anyhow::anyhow!("{error:?}"))?
        .elbo
        .neg_elbo())
}

/// Loads a model by name from a folder of weights.
///
/// # Errors
///
/// If it is missing or broken.
pub fn model_in(weights: &Path, name: &str, device: &Device) -> Result<Vae> {
    let read = |extension: &str| {
        let file = weights.join(format!("{name}.{extension}"));
        std::fs::read(&file).with_context(|| format!("reading {}", file.display()))
    };
    model(&read("json")?, &read("safetensors")?, device)
}

fn model(card: &[u8], weights: &[u8], device: &Device) -> Result<Vae> {
    let card = Card::from_json(std::str::from_utf8(card)?)?;
    Ok(load(&card, weights, device)?)
}
