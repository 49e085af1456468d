//! `trainer evaluate`: evaluates a model in `weights/` on the test set, t10k.

use crate::{
    backend::Backend,
    bounds,
    data::{self, Split},
    model_io, test_set,
};
use anyhow::Result;
use burn::tensor::read_sync;
use std::path::PathBuf;

/// Prints the ELBO of a model in weights/ on the test set.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model's name in the weights folder.
    name: String,
    /// Folder with the MNIST files; without it burn's own download is used.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder with weights and card.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
    /// Samples of ε per image.
    #[arg(long, default_value_t = test_set::SAMPLES)]
    samples: usize,
    /// Seed of ε.
    #[arg(long, default_value_t = test_set::SEED)]
    seed: u64,
    /// What computes.
    #[arg(long, value_enum, default_value_t)]
    backend: Backend,
    #[command(flatten)]
    bounds: bounds::Args,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let device = args.backend.open()?;
    let (card, model) = model_io::read(&args.weights, &args.name, &device)?;
    let images = data::load(args.data.as_deref(), Split::Test, card.data.image)?;
    let pixels = data::pixels(&images, card.data.binarized, args.seed);
    let found = read_sync(vae::evaluate(
        &model,
        &pixels,
        images.labels(),
        args.samples,
        args.seed,
        &device,
    ))?;
    println!(
        "{}, {} images of {}, {}, {} samples each, seed {}",
        args.name,
        found.count,
        card.test.as_ref().map_or("the test set", |test| &test.set),
        if card.data.binarized {
            "binarized by the seed"
        } else {
            "not binarized"
        },
        args.samples,
        args.seed
    );
    let (neg_elbo, error) = (found.elbo.neg_elbo(), found.standard_error);
    match model.classes() {
        0 => println!("−ELBO           {neg_elbo:.3} ± {error:.3} nats"),
        classes => {
            let label = (classes as f64).ln();
            println!("−ELBO           {neg_elbo:.3} ± {error:.3} nats, given the label");
            println!(
                "  + ln {classes}       {:.3} nats: image and label together, with equally likely labels; \
                 comparable with unconditional models",
                neg_elbo + label
            );
        }
    }
    println!("reconstruction  {:.3} nats", -found.elbo.reconstruction);
    println!("KL              {:.3} nats", found.elbo.kl());
    for (d, (kl, variance)) in found
        .elbo
        .kl_per_dimension
        .iter()
        .zip(&found.mean_variance)
        .enumerate()
    {
        println!(
            "  z{:<3} KL {kl:6.3} nats, variance of the posterior mean {variance:.3}",
            d + 1
        );
    }
    println!(
        "active units    {} of {}",
        found.active_units(),
        found.mean_variance.len()
    );
    if let Some(test) = card.test {
        println!("on the card     {:.3} nats", test.neg_elbo);
    }
    let subject = bounds::Subject {
        name: &args.name,
        sha256: &card.weights.sha256,
        model: &model,
        pixels: &pixels,
        seed: args.seed,
    };
    bounds::print(&args.bounds, &subject, &device)
}
