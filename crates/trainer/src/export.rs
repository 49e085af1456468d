//! `trainer export`: writes the best model of a run as weights and card.

use crate::{
    checkpoint::RecipeRun,
    class_means::class_means,
    data::{self, Split},
    folders, model_io,
    test_set::{self, test_card},
};
use anyhow::{Context, Result};
use burn::tensor::{Device, read_sync};
use std::path::{Path, PathBuf};
use vae::{
    Likelihood, Vae,
    train::TrainingImages,
    weights::{self, Card, DataCard, TrainingCard},
};

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
    /// Writes the model of that folder as ONNX, NAME-decoder.onnx and NAME-encoder.onnx, instead of exporting a run.
    #[arg(long)]
    onnx: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    if args.onnx {
        return export_onnx(&args.name, &args.out);
    }
    let dir = args
        .checkpoints
        .clone()
        .unwrap_or_else(|| folders::checkpoints(&args.name));
    let run = RecipeRun::load(&dir, &Device::flex())?
        .with_context(|| format!("there is no run in {}; train one first", dir.display()))?;
    let image = run.progress.recipe.data.image;
    let mut images = data::load(args.data.as_deref(), Split::Train, image)?;
    images.split_off(run.progress.recipe.held_out);
    export(&run, &images, args.data.as_deref(), &args.out)
}

/// Writes a model as ONNX, beside its weights.
fn export_onnx(name: &str, folder: &Path) -> Result<()> {
    let path = |end: &str| folder.join(format!("{name}{end}"));
    let read = |end: &str| {
        let path = path(end);
        std::fs::read(&path).with_context(|| format!("can't read {}", path.display()))
    };
    let card = String::from_utf8(read(".json")?)?;
    let exported = onnx::export(&card, &read(".safetensors")?)?;
    let files = [
        ("-decoder.onnx", Some(exported.decoder)),
        ("-encoder.onnx", exported.encoder),
    ];
    for (end, bytes) in files {
        let Some(bytes) = bytes else { continue };
        let path = path(end);
        std::fs::write(&path, bytes).with_context(|| format!("can't write {}", path.display()))?;
        println!("{}", path.display());
    }
    Ok(())
}

/// Quantizes the run's best model, evaluates it on the test set as stored, and writes weights and card.
pub(crate) fn export(
    run: &RecipeRun,
    trained_on: &TrainingImages,
    data: Option<&Path>,
    out: &Path,
) -> Result<()> {
    let device = Device::flex();
    let recipe = &run.progress.recipe;
    let test_images = data::load(data, Split::Test, recipe.data.image)?;
    let binarized = recipe.training.binarize;
    let pixels = data::pixels(&test_images, binarized, test_set::SEED);
    let evaluate = |model: &Vae| test_set::evaluate(model, &pixels, test_images.labels(), &device);
    let (bytes, weights_card) = read_sync(weights::save(run.training.best(), recipe.storage))?;
    let mut card = Card {
        format: weights::FORMAT,
        name: recipe.name.clone(),
        // With the learned scale of the likelihood.
        architecture: run.training.best().config(),
        data: DataCard {
            dataset: recipe.data.name.clone(),
            image: recipe.data.image,
            count: trained_on.len(),
            class_names: recipe.data.class_names.clone(),
            binarized,
            convention: convention(recipe.architecture.likelihood, binarized).into(),
        },
        training: Some(TrainingCard {
            command: recipe.command(),
            seed: recipe.training.seed,
            epochs: run.progress.epochs,
            steps: run.training.steps() as usize,
            seconds: run.progress.seconds.map(|seconds| seconds.round() as u64),
            recipe: recipe.describe(),
        }),
        test: None,
        class_means: None,
        weights: weights_card,
    };
    // Evaluates the model as it is read back, with quantized weights.
    let model = model_io::load(&card, &bytes, &device)?;
    let stored = evaluate(&model)?;
    card.class_means = class_means(&model, trained_on, &device)?;
    let full = evaluate(run.training.best())?;
    let storage_loss = stored.elbo.neg_elbo() - full.elbo.neg_elbo();
    card.test = Some(test_card(&recipe.data.test, &stored, storage_loss));
    model_io::write(&card, &bytes, out)
}

/// How pixels relate to the likelihood, for the card.
fn convention(likelihood: Likelihood, binarized: bool) -> &'static str {
    match likelihood {
        Likelihood::Bernoulli | Likelihood::ContinuousBernoulli if binarized => {
            "pixels drawn, 0 or 1, with their grey value as probability, anew for each batch (dynamic \
             binarization): a true likelihood; compare with numbers on binarized MNIST"
        }
        Likelihood::Bernoulli => {
            "grey pixels in [0, 1] as Bernoulli parameters: the usual objective, not a \
             likelihood; compare only with numbers of the same kind"
        }
        Likelihood::ContinuousBernoulli | Likelihood::Gaussian { .. } => {
            "pixels in [0, 1] with a density: compare only with densities of the same pixels"
        }
        Likelihood::DiscretizedLogistic { .. } => {
            "pixels on 256 levels, each with a probability: a true likelihood; compare with bits per dimension of \
             other models of the same images"
        }
    }
}
