//! `trainer export`: the best checkpoint of a run as weights and card.

use crate::{
    checkpoint::Run,
    classes,
    data::{self, IMAGE, Split},
    train::checkpoints_dir,
};
use anyhow::{Context, Result};
use burn::tensor::{Device, read_sync};
use std::{
    fs,
    path::{Path, PathBuf},
};
use vae::{
    Evaluation, Vae,
    train::TrainingImages,
    weights::{self, Card, DataCard, StorageType, TestCard, TrainingCard},
};

/// Samples of ε for each test image.
pub(crate) const SAMPLES: usize = 16;
/// Seed of the test's ε.
pub(crate) const TEST_SEED: u64 = 0;

/// Writes weights and card from a run's best checkpoint.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The recipe: mnist-2d, mnist-16d or mnist-conditional.
    name: String,
    /// Folder with the MNIST files; without it burn's own download is used.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder with the run's checkpoints [default: target/checkpoints/NAME].
    #[arg(long)]
    checkpoints: Option<PathBuf>,
    /// Folder for weights and card.
    #[arg(long, default_value = "weights")]
    out: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let dir = args
        .checkpoints
        .clone()
        .unwrap_or_else(|| checkpoints_dir(&args.name));
    let run = Run::load(&dir, &Device::flex())?
        .with_context(|| format!("there is no run in {}; train one first", dir.display()))?;
    let mut images = data::load(args.data.as_deref(), Split::Train)?;
    images.split_off(run.progress.recipe.held_out);
    export(&run, &images, args.data.as_deref(), &args.out)
}

/// Stores the run's best model in half precision, measures it as stored, and writes both files.
pub(crate) fn export(
    run: &Run,
    trained_on: &TrainingImages,
    data: Option<&Path>,
    out: &Path,
) -> Result<()> {
    let device = Device::flex();
    let recipe = &run.progress.recipe;
    let test_images = data::load(data, Split::Test)?;
    let binarized = recipe.training.binarize;
    let pixels = data::pixels(&test_images, binarized, TEST_SEED);
    let test = |model: &Vae| test(model, &pixels, test_images.labels(), &device);
    let (bytes, weights_card) = read_sync(weights::save(run.training.best(), StorageType::F16))?;
    let mut card = Card {
        format: weights::FORMAT,
        name: recipe.name.clone(),
        architecture: recipe.architecture.clone(),
        data: DataCard {
            dataset: "MNIST, Yann LeCun and Corinna Cortes, CC BY-SA 3.0".into(),
            image: IMAGE,
            count: trained_on.len(),
            binarized,
            convention: if binarized {
                "pixels drawn, 0 or 1, with their grey value as probability, anew for each batch (dynamic \
                 binarization): a true likelihood; compare with numbers on binarized MNIST"
            } else {
                "grey pixels in [0, 1] as Bernoulli parameters: the usual objective, not a \
                 likelihood; compare only with numbers of the same kind"
            }
            .into(),
        },
        training: Some(TrainingCard {
            command: recipe.command()?,
            seed: recipe.training.seed,
            epochs: run.progress.epochs,
            steps: run.training.steps() as usize,
            recipe: recipe.describe(),
        }),
        test: None,
        class_means: None,
        weights: weights_card,
    };
    // What counts is the model as it is read back.
    let model = weights::load(&card, &bytes, &device)?;
    let stored = test(&model)?;
    card.class_means = classes::class_means(&model, trained_on, &device)?;
    let full = test(run.training.best())?;
    let storage_loss = stored.elbo.neg_elbo() - full.elbo.neg_elbo();
    card.test = Some(test_card(&stored, storage_loss));
    write(&card, &bytes, out)
}

/// −ELBO and its parts on the test images, as cards carry them.
pub(crate) fn test(
    model: &Vae,
    pixels: &[f32],
    labels: &[u8],
    device: &Device,
) -> Result<Evaluation> {
    let found = vae::evaluate(model, pixels, labels, SAMPLES, TEST_SEED, device);
    Ok(read_sync(found)?)
}

/// What was found, and the nats that storing it in few bits cost.
pub(crate) fn test_card(found: &Evaluation, storage_loss: f64) -> TestCard {
    TestCard {
        set: "MNIST t10k".into(),
        count: found.count,
        samples: found.samples,
        neg_elbo: found.elbo.neg_elbo(),
        standard_error: found.standard_error,
        reconstruction: -found.elbo.reconstruction,
        kl: found.elbo.kl(),
        kl_per_dimension: found.elbo.kl_per_dimension.clone(),
        active_units: found.active_units(),
        storage_loss: Some(storage_loss),
    }
}

/// Writes both files of a model that was tested, and says what it reaches.
pub(crate) fn write(card: &Card, bytes: &[u8], out: &Path) -> Result<()> {
    fs::create_dir_all(out).with_context(|| format!("can't create {}", out.display()))?;
    fs::write(out.join(format!("{}.safetensors", card.name)), bytes)?;
    fs::write(out.join(format!("{}.json", card.name)), card.to_json())?;
    if let Some(test) = &card.test {
        println!(
            "{}: −ELBO {:.3} ± {:.3} nats on t10k (reconstruction {:.3}, KL {:.3}), {} active \
             units, storage cost {:+.4}, {} bytes",
            card.name,
            test.neg_elbo,
            test.standard_error,
            test.reconstruction,
            test.kl,
            test.active_units,
            test.storage_loss.unwrap_or_default(),
            bytes.len()
        );
    }
    Ok(())
}
