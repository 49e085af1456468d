//! `trainer train`: a run from fresh weights to the files in `weights/`.

use crate::{
    checkpoint::Run,
    data::{self, IMAGE, PIXELS, Split},
    export,
    recipe::Recipe,
};
use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData, read_sync};
use indicatif::{ProgressBar, ProgressStyle};
use rand::seq::SliceRandom;
use std::{
    fs,
    path::{Path, PathBuf},
};
use vae::{
    Noise,
    train::{shift_images, train_step},
};

/// Trains a model by its recipe; goes on where an interrupted run stopped.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The recipe: mnist-2d or mnist-16d.
    name: String,
    /// Folder with the MNIST files; without it burn's own download is used.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder for checkpoints [default: target/checkpoints/NAME].
    #[arg(long)]
    checkpoints: Option<PathBuf>,
    /// Folder for weights and card.
    #[arg(long, default_value = "weights")]
    out: PathBuf,
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
    recipe.seed = args.seed.unwrap_or(recipe.seed);
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
        None => Run::new(recipe, &device)?,
    };
    let mut images = data::load(args.data.as_deref(), Split::Train)?;
    let held_out_at = images
        .len()
        .saturating_sub(run.progress.recipe.held_out * PIXELS);
    let held_out = images.split_off(held_out_at);
    ensure!(
        !images.is_empty(),
        "there are no training images left beside the held-out ones"
    );
    epochs(&mut run, &images, &held_out, &dir, &device)?;
    export::export(&run, args.data.as_deref(), &args.out, images.len() / PIXELS)
}

/// Where a recipe's checkpoints are kept unless told otherwise.
pub(crate) fn checkpoints_dir(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    target.join("checkpoints").join(name)
}

fn epochs(
    run: &mut Run,
    images: &[f32],
    held_out: &[f32],
    dir: &Path,
    device: &Device,
) -> Result<()> {
    let recipe = run.progress.recipe.clone();
    let count = images.len() / PIXELS;
    let steps = recipe.steps_per_epoch(count);
    let bar = ProgressBar::new((recipe.epochs * steps) as u64).with_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} steps, {per_sec}, {eta} left  {msg}")?,
    );
    bar.set_position((run.progress.epochs * steps) as u64);
    bar.reset_eta();
    while run.progress.epochs < recipe.epochs {
        let loss = epoch(run, images, device, &bar)?;
        run.progress.epochs += 1;
        let epoch = run.progress.epochs;
        let found = read_sync(vae::evaluate(
            run.average.model(),
            held_out,
            1,
            recipe.seed,
            device,
        ))?;
        let neg_elbo = found.elbo.neg_elbo();
        ensure!(
            neg_elbo.is_finite(),
            "the training diverged in epoch {epoch}; lower the rate"
        );
        if run.progress.best.is_none_or(|(_, best)| neg_elbo < best) {
            run.progress.best = Some((epoch, neg_elbo));
            run.best = run.average.model().clone();
        }
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

/// One pass over the images, in an order of its own. Gives the mean −ELBO of its last steps.
fn epoch(run: &mut Run, images: &[f32], device: &Device, bar: &ProgressBar) -> Result<f64> {
    let recipe = run.progress.recipe.clone();
    let count = images.len() / PIXELS;
    let steps = recipe.steps_per_epoch(count);
    let rate = recipe.learning_rate(count);
    let device = device.clone().autodiff();
    // A stream for each epoch: a resumed run draws what an uninterrupted one would have.
    let mut noise = Noise::seeded(recipe.seed, 1 + run.progress.epochs as u64);
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(noise.rng());
    let mut losses = Vec::new();
    for (i, batch) in order.chunks_exact(recipe.batch.min(count)).enumerate() {
        let mut pixels: Vec<f32> = batch
            .iter()
            .flat_map(|&n| &images[n * PIXELS..(n + 1) * PIXELS])
            .copied()
            .collect();
        shift_images(
            &mut pixels,
            IMAGE,
            recipe.shift,
            recipe.shift_share,
            noise.rng(),
        );
        let x = Tensor::from_data(TensorData::new(pixels, [batch.len(), PIXELS]), &device);
        let eps = noise.normal([batch.len(), recipe.architecture.latent_size], &device);
        let step = run.progress.epochs * steps + i;
        let (model, parts) = train_step(
            run.model.clone(),
            &mut run.optimizer,
            x,
            eps,
            1.0,
            rate.at(step),
        );
        run.model = model;
        run.average.update(&run.model);
        if i + 20 >= steps {
            losses.push(-parts.elbo().mean().into_scalar::<f64>());
        }
        bar.inc(1);
    }
    Ok(losses.iter().sum::<f64>() / losses.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two epochs in a row, and one epoch, a save, a load and the other, end in the same weights.
    #[test]
    fn an_interrupted_run_ends_where_an_uninterrupted_one_does() {
        let device = Device::flex();
        let mut recipe = Recipe::named("mnist-2d").expect("shipped");
        recipe.architecture.encoder_hidden = vec![8];
        recipe.architecture.decoder_hidden = vec![8];
        (recipe.batch, recipe.epochs, recipe.shift) = (16, 2, 1);
        let images: Vec<f32> = (0..64 * PIXELS).map(|i| (i % 7) as f32 / 7.0).collect();
        let bar = ProgressBar::hidden();
        let weights = |run: &Run| {
            let z = Tensor::ones([1, 2], &device);
            run.average
                .model()
                .decode(z)
                .into_data()
                .try_to_vec::<f32>()
                .expect("f32")
        };

        let mut straight = Run::new(recipe.clone(), &device).expect("valid");
        for _ in 0..2 {
            epoch(&mut straight, &images, &device, &bar).expect("trains");
            straight.progress.epochs += 1;
        }

        let dir = std::env::temp_dir().join(format!("elbo-room-resume-{}", std::process::id()));
        let mut run = Run::new(recipe.clone(), &device).expect("valid");
        epoch(&mut run, &images, &device, &bar).expect("trains");
        run.progress.epochs += 1;
        run.save(&dir).expect("saves");
        let mut resumed = Run::resume(&dir, &recipe, &device)
            .expect("loads")
            .expect("is there");
        assert_eq!(resumed.progress.epochs, 1);
        epoch(&mut resumed, &images, &device, &bar).expect("trains");
        let mut other = recipe;
        other.seed += 1;
        assert!(Run::resume(&dir, &other, &device).is_err());
        fs::remove_dir_all(&dir).expect("deletes");

        assert_eq!(weights(&straight), weights(&resumed));
        assert_ne!(weights(&straight), weights(&run));
    }
}
