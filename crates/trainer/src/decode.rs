//! `trainer decode`: the decoded image for a z, as numbers.

use crate::model_io;
use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use std::{fs, path::PathBuf};
use vae::{Condition, weights::Card};

/// Prints the mean of p(x|z) as a JSON list, row-major.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The weights; the card is the .json file beside them.
    weights: PathBuf,
    /// The latent vector, comma-separated.
    #[arg(long, value_delimiter = ',', allow_hyphen_values = true)]
    z: Vec<f32>,
    /// The label, for a conditional model.
    #[arg(long)]
    label: Option<u8>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let device = Device::flex();
    let read =
        |path: &PathBuf| fs::read(path).with_context(|| format!("can't read {}", path.display()));
    let card = read(&args.weights.with_extension("json"))?;
    let card = Card::from_json(&String::from_utf8_lossy(&card))?;
    let model = model_io::load(&card, &read(&args.weights)?, &device)?;
    let latent = card.architecture.latent_size;
    ensure!(
        args.z.len() == latent && args.z.iter().all(|value| value.is_finite()),
        "--z has {} numbers; {} needs {latent} finite ones",
        args.z.len(),
        card.name
    );
    let z = Tensor::from_data(TensorData::new(args.z.clone(), [1, latent]), &device);
    let classes = card.architecture.classes;
    ensure!(
        args.label
            .map(usize::from)
            .is_some_and(|label| label < classes)
            || classes == 0,
        "{} needs --label, from 0 to {}",
        card.name,
        classes.saturating_sub(1)
    );
    ensure!(
        args.label.is_none() || classes > 0,
        "{} is not conditional; omit --label",
        card.name
    );
    let labels: Vec<u8> = args.label.into_iter().collect();
    let condition = Condition::of_labels(&labels, classes, &device);
    let means: Vec<f32> = model.decode(z, &condition).into_data().iter().collect();
    println!("{}", serde_json::to_string(&means)?);
    Ok(())
}
