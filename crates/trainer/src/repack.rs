//! `trainer repack`: quantizes models of `weights/` again, as `export` does now or in another number format.

use crate::{
    class_means::class_means_for_card,
    data::{self, Split},
    model_io,
    test_set::{self, test_card},
};
use anyhow::Result;
use burn::tensor::{Device, read_sync};
use std::path::PathBuf;
use vae::{
    Vae,
    weights::{self, Card, StorageType},
};

/// Quantizes models of weights/ again, as export does now.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The models' names in the weights folder.
    #[arg(required = true)]
    names: Vec<String>,
    /// Folder with the data set's IDX files; for MNIST, without it burn's own download is used.
    #[arg(long)]
    data: Option<PathBuf>,
    /// The number format: f16, or i8 for large tensors in eight bits with a scale for each row.
    #[arg(long, default_value = "f16", value_parser = storage)]
    storage: StorageType,
    /// Folder with weights and cards.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
}

fn storage(name: &str) -> Result<StorageType, String> {
    match name {
        "f16" => Ok(StorageType::F16),
        "i8" => Ok(StorageType::I8),
        other => Err(format!("{other} is no number format; give f16 or i8")),
    }
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let device = Device::flex();
    for name in &args.names {
        let (card, before) = model_io::read(&args.weights, name, &device)?;
        let load = |split| data::load(args.data.as_deref(), split, card.data.image);
        let (images, training) = (load(Split::Test)?, load(Split::Train)?);
        let (bytes, stored) = read_sync(weights::save(&before, args.storage))?;
        let mut card = Card {
            weights: stored,
            ..card
        };
        let after = model_io::load(&card, &bytes, &device)?;
        card.class_means = class_means_for_card(&card, &after, &training, &device)?;
        let pixels = data::pixels(&images, card.data.binarized, test_set::SEED);
        let evaluate = |model: &Vae| test_set::evaluate(model, &pixels, images.labels(), &device);
        let [before, after] = [&before, &after].map(evaluate);
        let (before, after) = (before?, after?);
        // The loss of the first quantization, and the additional one.
        let earlier = card.test.take();
        let set = earlier.as_ref().map_or("test set", |test| &test.set);
        let earlier_loss = earlier.as_ref().and_then(|test| test.storage_loss);
        let added_loss = after.elbo.neg_elbo() - before.elbo.neg_elbo();
        card.test = Some(test_card(
            set,
            &after,
            earlier_loss.unwrap_or_default() + added_loss,
        ));
        model_io::write(&card, &bytes, &args.weights)?;
    }
    Ok(())
}
