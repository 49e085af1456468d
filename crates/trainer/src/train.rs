//! `trainer train`: a run from fresh weights to the files in `weights/`.

use crate::{
    checkpoint::Run,
    data::{self, Split},
    export,
    recipe::Recipe,
};
use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, read_sync};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    fs,
    path::{Path, PathBuf},
};
use vae::{
    Vae,
    train::TrainingImages,
    weights::{self, Card},
};

/// Samples of ε for each held-out image: with few images, the noise of one would choose the best epoch.
const HELD_OUT_SAMPLES: usize = 4;

/// Trains a model by its recipe; goes on where an interrupted run stopped.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The recipe: mnist-2d-plain, mnist-2d (refines it), mnist-16d or mnist-conditional.
    name: String,
    /// Folder with the MNIST files; without it burn's own download is used.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder for checkpoints [default: target/checkpoints/NAME].
    #[arg(long)]
    checkpoints: Option<PathBuf>,
    /// Folder for weights and card [default: weights, and target/weights for what is refined].
    #[arg(long)]
    out: Option<PathBuf>,
    /// Folder with the model that the recipe refines [default: target/weights].
    #[arg(long)]
    from: Option<PathBuf>,
    /// Starts anew, deleting the checkpoints of a run before.
    #[arg(long)]
    fresh: bool,
    /// Passes over the training images, instead of the recipe's.
    #[arg(long)]
    epochs: Option<usize>,
    /// Seed, instead of the recipe's.
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let mut recipe = Recipe::named(&args.name)?;
    recipe.epochs = args.epochs.unwrap_or(recipe.epochs);
    recipe.training.seed = args.seed.unwrap_or(recipe.training.seed);
    let dir = args
        .checkpoints
        .clone()
        .unwrap_or_else(|| checkpoints_dir(&args.name));
    if args.fresh && dir.exists() {
        fs::remove_dir_all(&dir).with_context(|| format!("can't delete {}", dir.display()))?;
    }
    let device = Device::flex();
    let mut run = match Run::resume(&dir, &recipe, &device)? {
        Some(run) => {
            println!(
                "going on after epoch {} of {}",
                run.progress.epochs, recipe.epochs
            );
            run
        }
        None => {
            let start = start(&recipe, args.from.as_deref(), &device)?;
            Run::new(recipe, start, &device)?
        }
    };
    let mut images = data::load(args.data.as_deref(), Split::Train)?;
    let held_out = images.split_off(run.progress.recipe.held_out);
    ensure!(
        !images.is_empty(),
        "there are no training images left beside the held-out ones"
    );
    epochs(&mut run, &mut images, &held_out, &dir, &device)?;
    let shipped = !run.progress.recipe.is_only_refined();
    let out = args.out.clone().unwrap_or_else(|| {
        if shipped {
            "weights".into()
        } else {
            target_dir().join("weights")
        }
    });
    export::export(&run, &images, args.data.as_deref(), &out)
}

/// The model that a recipe starts from, where it does not start afresh.
fn start(recipe: &Recipe, from: Option<&Path>, device: &Device) -> Result<Option<Vae>> {
    let Some(name) = &recipe.refines else {
        return Ok(None);
    };
    let folder = from.map_or_else(|| target_dir().join("weights"), Path::to_owned);
    let read = |ending: &str| {
        let path = folder.join(format!("{name}.{ending}"));
        fs::read(&path).with_context(|| {
            format!(
                "can't read {}: {} refines {name}; train that first",
                path.display(),
                recipe.name
            )
        })
    };
    let card = Card::from_json(&String::from_utf8_lossy(&read("json")?))?;
    ensure!(
        card.architecture == recipe.architecture,
        "the {name} in {} is of another architecture; train it anew",
        folder.display()
    );
    Ok(Some(weights::load(&card, &read("safetensors")?, device)?))
}

/// Where a recipe's checkpoints are kept unless told otherwise.
pub(crate) fn checkpoints_dir(name: &str) -> PathBuf {
    target_dir().join("checkpoints").join(name)
}

/// Where what can be made again is kept.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from)
}

fn epochs(
    run: &mut Run,
    images: &mut TrainingImages,
    held_out: &TrainingImages,
    dir: &Path,
    device: &Device,
) -> Result<()> {
    let recipe = run.progress.recipe.clone();
    let training = &recipe.training;
    let held_out_pixels = data::pixels(held_out, training.binarize, training.seed);
    let steps = recipe.steps_per_epoch(images.len());
    let bar = ProgressBar::new(recipe.epochs as u64 * steps).with_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} steps, {per_sec}, {eta} left  {msg}")?,
    );
    bar.set_position(run.training.steps());
    bar.reset_eta();
    while run.progress.epochs < recipe.epochs {
        let loss = epoch(run, images, &bar)?;
        run.progress.epochs += 1;
        let epoch = run.progress.epochs;
        let found = read_sync(vae::evaluate(
            run.training.averaged(),
            &held_out_pixels,
            held_out.labels(),
            HELD_OUT_SAMPLES,
            recipe.training.seed,
            device,
        ))?;
        let neg_elbo = found.elbo.neg_elbo();
        run.training.offer_best(neg_elbo);
        run.save(dir)?;
        let line = format!(
            "epoch {epoch}: −ELBO {loss:.2} in training, {neg_elbo:.2} held out (reconstruction {:.2}, KL {:.2}, {} active)",
            -found.elbo.reconstruction,
            found.elbo.kl(),
            found.active_units()
        );
        bar.set_message(format!("held out {neg_elbo:.2}"));
        // Where there is no terminal, the bar draws nothing and the lines are the log.
        if bar.is_hidden() {
            println!("{line}")
        } else {
            bar.println(line)
        }
    }
    bar.finish();
    Ok(())
}

/// One pass over the images. Gives the mean −ELBO of its last steps.
fn epoch(run: &mut Run, images: &mut TrainingImages, bar: &ProgressBar) -> Result<f64> {
    const LAST: u64 = 20;
    let recipe = &run.progress.recipe;
    let steps = recipe.steps_per_epoch(images.len());
    let total = (recipe.epochs as u64 * steps) as f64;
    let (mut sum, mut count) = (0.0, 0.0);
    for step in 0..steps {
        let progress = run.training.steps() as f64 / total;
        let report = read_sync(run.training.step(images, progress))?;
        if step + LAST >= steps {
            sum += report.elbo.neg_elbo();
            count += 1.0;
        }
        bar.inc(1);
    }
    Ok(sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tensor;
    use vae::Condition;

    /// Two epochs in a row, and one epoch, a save, a load and the other, end in the same weights.
    #[test]
    fn an_interrupted_run_ends_where_an_uninterrupted_one_does() {
        let device = Device::flex();
        let mut recipe = Recipe::named("mnist-2d-plain").expect("shipped");
        recipe.architecture.encoder_hidden = vec![8];
        recipe.architecture.decoder_hidden = vec![8];
        (recipe.epochs, recipe.training.batch, recipe.training.shift) = (2, 16, 1);
        let pixels = (0..64 * 28 * 28).map(|i| (i % 251) as u8).collect();
        let mut images = TrainingImages::new(data::IMAGE, pixels);
        let bar = ProgressBar::hidden();
        let weights = |run: &Run| {
            let z = Tensor::ones([1, 2], &device);
            run.training
                .averaged()
                .decode(z, &Condition::none())
                .into_data()
                .try_to_vec::<f32>()
                .expect("f32")
        };
        let mut one_epoch = |run: &mut Run| {
            epoch(run, &mut images, &bar).expect("trains");
            run.progress.epochs += 1;
        };

        let mut straight = Run::new(recipe.clone(), None, &device).expect("valid");
        one_epoch(&mut straight);
        one_epoch(&mut straight);

        let dir = std::env::temp_dir().join(format!("elbo-room-resume-{}", std::process::id()));
        let mut run = Run::new(recipe.clone(), None, &device).expect("valid");
        one_epoch(&mut run);
        run.save(&dir).expect("saves");
        let mut resumed = Run::resume(&dir, &recipe, &device)
            .expect("loads")
            .expect("is there");
        assert_eq!(resumed.progress.epochs, 1);
        one_epoch(&mut resumed);
        let mut other = recipe;
        other.training.seed += 1;
        assert!(Run::resume(&dir, &other, &device).is_err());
        fs::remove_dir_all(&dir).expect("deletes");

        assert_eq!(weights(&straight), weights(&resumed));
        assert_ne!(weights(&straight), weights(&run));
    }
}
