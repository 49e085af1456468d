//! `trainer repack`: models of `weights/` as `export` would store them now.

use crate::{
    classes::class_means_of_card,
    data::{self, Split},
    evaluate::read,
    export::{TEST_SEED, test, test_card, write},
};
use anyhow::Result;
use burn::tensor::{Device, read_sync};
use std::path::PathBuf;
use vae::{
    Vae,
    weights::{self, Card, StorageType},
};

/// Stores models of weights/ anew, in as few bits as export does now.
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
    let images = data::load(args.data.as_deref(), Split::Test)?;
    let training = data::load(args.data.as_deref(), Split::Train)?;
    for name in &args.names {
        let (card, before) = read(&args.weights, name, &device)?;
        let (bytes, stored) = read_sync(weights::save(&before, StorageType::F16))?;
        let mut card = Card {
            weights: stored,
            ..card
        };
        let after = weights::load(&card, &bytes, &device)?;
        card.class_means = class_means_of_card(&card, &after, &training, &device)?;
        let pixels = data::pixels(&images, card.data.binarized, TEST_SEED);
        let test = |model: &Vae| test(model, &pixels, images.labels(), &device);
        let [before, after] = [&before, &after].map(test);
        let (before, after) = (before?, after?);
        // What storing it cost before, and what it costs on top of that.
        let earlier = card.test.and_then(|test| test.storage_loss);
        let more = after.elbo.neg_elbo() - before.elbo.neg_elbo();
        card.test = Some(test_card(&after, earlier.unwrap_or_default() + more));
        write(&card, &bytes, &args.weights)?;
    }
    Ok(())
}
