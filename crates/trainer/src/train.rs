//! `trainer train`: a run by a recipe, from its initial weights to the exported files.

#![expect(
    clippy::disallowed_types,
    reason = "native only, where `std` has a clock"
)]

use crate::{
    backend::Backend,
    checkpoint::RecipeRun,
    data::{self, Split},
    export, folders,
    gradient_threads::GradientThreads,
    held_out, model_io,
    recipe::Recipe,
};
use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, read_sync};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};
use vae::{KernelPath, Vae, train::TrainingImages, weights::Card};

/// Samples of ε per held-out image. With one sample and few images, noise would decide which epoch is best.
const HELD_OUT_SAMPLES: usize = 4;

/// Trains a model by its recipe, or resumes an interrupted run.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The recipe: mnist-2d-plain, mnist-2d (refines it), mnist-16d, mnist-conditional, …, or a JSON file.
    name: String,
    /// Folder with the data set's IDX files; for MNIST, without it burn's own download is used.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder for checkpoints [default: target/checkpoints/NAME].
    #[arg(long)]
    checkpoints: Option<PathBuf>,
    /// Folder for weights and card [default: weights, or target/weights for a model that another recipe refines].
    #[arg(long)]
    out: Option<PathBuf>,
    /// Folder with the model that the recipe refines [default: target/weights].
    #[arg(long)]
    from: Option<PathBuf>,
    /// Starts over: deletes the checkpoints of an earlier run.
    #[arg(long)]
    fresh: bool,
    /// Number of passes over the training images, instead of the recipe's.
    #[arg(long)]
    epochs: Option<usize>,
    /// Seed, instead of the recipe's.
    #[arg(long)]
    seed: Option<u64>,
    /// What computes.
    #[arg(long, value_enum, default_value_t)]
    backend: Backend,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let mut recipe = Recipe::load(&args.name)?;
    recipe.epochs = args.epochs.unwrap_or(recipe.epochs);
    recipe.training.seed = args.seed.unwrap_or(recipe.training.seed);
    let dir = args
        .checkpoints
        .clone()
        .unwrap_or_else(|| folders::checkpoints(&recipe.name));
    if args.fresh && dir.exists() {
        fs::remove_dir_all(&dir).with_context(|| format!("can't delete {}", dir.display()))?;
    }
    let device = args.backend.open()?;
    let mut run = match RecipeRun::resume(&dir, &recipe, &device)? {
        Some(run) => {
            println!(
                "resuming after epoch {} of {}",
                run.progress.epochs, recipe.epochs
            );
            run
        }
        None => {
            let start = initial_model(&recipe, args.from.as_deref(), &device)?;
            RecipeRun::new(recipe, start, &device)?
        }
    };
    let image = run.progress.recipe.data.image;
    let mut images = data::load(args.data.as_deref(), Split::Train, image)?;
    let held_out = images.split_off(run.progress.recipe.held_out);
    ensure!(
        !images.is_empty(),
        "all training images are held out; there are none to train on"
    );
    train_epochs(
        &mut run,
        &mut images,
        &held_out,
        &dir,
        (args.backend, &device),
    )?;
    let is_included = run.progress.recipe.is_included();
    let out = args.out.clone().unwrap_or_else(|| {
        if is_included {
            "weights".into()
        } else {
            folders::target().join("weights")
        }
    });
    export::export(&run, &images, args.data.as_deref(), &out)
}

/// The model that a recipe refines; `None` for randomly initialized weights.
fn initial_model(recipe: &Recipe, from: Option<&Path>, device: &Device) -> Result<Option<Vae>> {
    let Some(name) = &recipe.refines else {
        return Ok(None);
    };
    let folder = from.map_or_else(|| folders::target().join("weights"), Path::to_owned);
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
        "the {name} in {} has another architecture; train it again",
        folder.display()
    );
    Ok(Some(model_io::load(&card, &read("safetensors")?, device)?))
}

/// Trains until the recipe's number of epochs; evaluates and saves the run after each.
fn train_epochs(
    run: &mut RecipeRun,
    images: &mut TrainingImages,
    held_out_images: &TrainingImages,
    dir: &Path,
    (backend, device): (Backend, &Device),
) -> Result<()> {
    let recipe = run.progress.recipe.clone();
    let training = &recipe.training;
    let held_out_pixels = data::pixels(held_out_images, training.binarize, training.seed);
    let steps = recipe.steps_per_epoch(images.len());
    let bar = ProgressBar::new(recipe.epochs as u64 * steps).with_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} steps, {per_sec}, {eta} left  {msg}")?,
    );
    bar.set_position(run.training.steps());
    bar.reset_eta();
    // Fully connected layers use all cores without these threads.
    let mut threads = match (backend, model_io::kernel_path(&recipe.architecture)) {
        (Backend::Flex, KernelPath::Fused) => GradientThreads::on_all_cores(),
        (Backend::Flex, KernelPath::Reference) | (Backend::Wgpu, _) => None,
    };
    while run.progress.epochs < recipe.epochs {
        let started = Instant::now();
        let loss = train_epoch(run, images, threads.as_mut(), &bar)?;
        run.progress.epochs += 1;
        let epoch = run.progress.epochs;
        let evaluation = read_sync(vae::evaluate(
            run.training.averaged(),
            &held_out_pixels,
            held_out_images.labels(),
            HELD_OUT_SAMPLES,
            recipe.training.seed,
            device,
        ))?;
        let neg_elbo = evaluation.elbo.neg_elbo();
        let loss_held_out = held_out::loss(
            training.objective,
            run.training.averaged(),
            &held_out_pixels,
            &evaluation,
            device,
        )?;
        run.training.offer_best(loss_held_out);
        if let Some(seconds) = &mut run.progress.seconds {
            *seconds += started.elapsed().as_secs_f64();
        }
        run.save(dir)?;
        let line = format!(
            "epoch {epoch}: loss {loss:.2} in training, {loss_held_out:.2} held out; −ELBO {neg_elbo:.2} (reconstruction {:.2}, KL {:.2}, {} active)",
            -evaluation.elbo.reconstruction,
            evaluation.elbo.kl(),
            evaluation.active_units()
        );
        bar.set_message(format!("held out {loss_held_out:.2}"));
        // Without a terminal the bar is hidden, and these lines are the log.
        if bar.is_hidden() {
            println!("{line}")
        } else {
            bar.println(line)
        }
    }
    bar.finish();
    Ok(())
}

/// One pass over the images. Returns the mean loss of its last steps, in nats per image: what the objective minimizes.
fn train_epoch(
    run: &mut RecipeRun,
    images: &mut TrainingImages,
    mut threads: Option<&mut GradientThreads>,
    bar: &ProgressBar,
) -> Result<f64> {
    const AVERAGED_STEPS: u64 = 20;
    let recipe = &run.progress.recipe;
    let steps = recipe.steps_per_epoch(images.len());
    let total = (recipe.epochs as u64 * steps) as f64;
    let (mut sum, mut count) = (0.0, 0.0);
    for step in 0..steps {
        let progress = run.training.steps() as f64 / total;
        let step_report = run.training.step_with(
            images,
            progress,
            threads.as_deref_mut().map(|threads| threads as _),
        );
        let report = read_sync(step_report)?;
        if step + AVERAGED_STEPS >= steps {
            sum -= report.objective;
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
    use vae::{Condition, ImageShape};

    /// Two epochs in a row lead to the same weights as two with a save and a load in between.
    #[test]
    fn recipe_run_resumes_exactly() {
        let device = Device::flex();
        let mut recipe = Recipe::named("mnist-2d-plain").expect("included");
        recipe.architecture.encoder_hidden = vec![8];
        recipe.architecture.decoder_hidden = vec![8];
        (recipe.epochs, recipe.training.batch, recipe.training.shift) = (2, 16, 1);
        let pixels = (0..64 * 28 * 28).map(|i| (i % 251) as u8).collect();
        let mut images = TrainingImages::new(ImageShape::MNIST, pixels);
        let bar = ProgressBar::hidden();
        let weights = |run: &RecipeRun| {
            let z = Tensor::ones([1, 2], &device);
            run.training
                .averaged()
                .decode(z, &Condition::none())
                .into_data()
                .try_to_vec::<f32>()
                .expect("f32")
        };
        let mut one_epoch = |run: &mut RecipeRun| {
            train_epoch(run, &mut images, None, &bar).expect("trains");
            run.progress.epochs += 1;
        };

        let mut straight = RecipeRun::new(recipe.clone(), None, &device).expect("valid");
        one_epoch(&mut straight);
        one_epoch(&mut straight);

        let dir = std::env::temp_dir().join(format!("elbo-room-resume-{}", std::process::id()));
        let mut run = RecipeRun::new(recipe.clone(), None, &device).expect("valid");
        one_epoch(&mut run);
        run.save(&dir).expect("saves");
        let mut resumed = RecipeRun::resume(&dir, &recipe, &device)
            .expect("loads")
            .expect("exists");
        assert_eq!(resumed.progress.epochs, 1);
        one_epoch(&mut resumed);
        let mut other = recipe;
        other.training.seed += 1;
        assert!(RecipeRun::resume(&dir, &other, &device).is_err());
        fs::remove_dir_all(&dir).expect("deletes");

        assert_eq!(weights(&straight), weights(&resumed));
        assert_ne!(weights(&straight), weights(&run));
    }
}
