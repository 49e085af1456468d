//! The latent mean of each class, as on cards.

use crate::data::classes;
use anyhow::Result;
use burn::tensor::{Device, read_sync};
use vae::{Vae, train::TrainingImages, weights::Card};

/// As [`class_means`], over the images that the card's model was trained on: the first of all training images.
pub(crate) fn class_means_for_card(
    card: &Card,
    model: &Vae,
    all: &TrainingImages,
    device: &Device,
) -> Result<Option<Vec<Vec<f32>>>> {
    let mut images = all.clone();
    images.split_off(all.len().saturating_sub(card.data.count));
    class_means(model, &images, device)
}

/// The mean of μ over the images of each class, `[classes, latent]`, rounded to three decimals; `None` for images without
/// labels, and for a conditional model, whose latent space does not separate classes.
pub(crate) fn class_means(
    model: &Vae,
    images: &TrainingImages,
    device: &Device,
) -> Result<Option<Vec<Vec<f32>>>> {
    let (pixels, labels) = (images.to_floats(), images.labels());
    if model.classes() > 0 || labels.is_empty() {
        return Ok(None);
    }
    let means = vae::class_means(model, &pixels, labels, classes(labels), device);
    let mut means = read_sync(means)?;
    for mean in means.iter_mut().flatten() {
        *mean = (*mean * 1e3).round() / 1e3;
    }
    Ok(Some(means))
}
