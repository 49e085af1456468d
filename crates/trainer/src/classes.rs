//! `trainer classes`: where each class of digit lies, on the cards of models in `weights/`.

use crate::{
    data::{self, CLASSES, Split},
    evaluate::read,
};
use anyhow::{Context, Result};
use burn::tensor::{Device, read_sync};
use std::{fs, path::PathBuf};
use vae::{Vae, train::TrainingImages};

/// Writes the classes' means on cards, and nothing else: no weight changes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The models' names in the weights folder.
    #[arg(required = true)]
    names: Vec<String>,
    /// Folder with the MNIST files; without it burn's own download is used.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder with weights and cards.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let device = Device::flex();
    let all = data::load(args.data.as_deref(), Split::Train)?;
    for name in &args.names {
        let (mut card, model) = read(&args.weights, name, &device)?;
        let mut images = all.clone();
        images.split_off(all.len().saturating_sub(card.data.count));
        card.class_means = class_means(&model, &images, &device)?;
        let path = args.weights.join(format!("{name}.json"));
        fs::write(&path, card.to_json())
            .with_context(|| format!("can't write {}", path.display()))?;
        match card.class_means {
            Some(means) => println!("{name}: {} classes", means.len()),
            None => println!("{name} is told the label: its classes have no place of their own"),
        }
    }
    Ok(())
}

/// The mean of μ over each class of the images, to three decimals, `[10 × latent]`; none for a model that is
/// told the label.
pub(crate) fn class_means(
    model: &Vae,
    images: &TrainingImages,
    device: &Device,
) -> Result<Option<Vec<Vec<f32>>>> {
    if model.classes() > 0 {
        return Ok(None);
    }
    let (pixels, labels) = (images.to_floats(), images.labels());
    let found = vae::class_means(model, &pixels, labels, CLASSES, device);
    let mut means = read_sync(found)?;
    for mean in means.iter_mut().flatten() {
        *mean = (*mean * 1e3).round() / 1e3;
    }
    Ok(Some(means))
}
