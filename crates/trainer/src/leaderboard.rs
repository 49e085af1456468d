//! `trainer leaderboard`: the table of models, computed from their files and the test set alone.

use crate::{
    bounds::{self, Mean},
    data::{self, Split},
    model_io, test_set, vae_explainer,
};
use anyhow::{Context, Result};
use burn::tensor::Device;
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
};
use vae::{ImageShape, Vae, weights::Card};

/// What the numbers mean, below the table.
const DEFINITIONS: &str = "\
All numbers are means over the test set, in nats per image, ± their standard error. −ELBO: reconstruction (Bernoulli, \
summed over the pixels) plus KL(q(z|x) ‖ p(z)), with 16 samples of z for each image. −log p(x): by adaptive quadrature in \
two dimensions, otherwise −L₅₀₀₀, an upper bound from 5,000 importance samples. \"binarized\": each pixel is drawn once, \
with its grey value as probability, so the numbers are true likelihoods; \"grey\": grey values are taken for probabilities, so they \
are comparable with each other only. A model that is given the label has ln 10 added. Bytes: all files of weights as they are \
sent without compression.";

/// Computes the table of models, in Markdown.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Names of models [default: those of MNIST in index.json].
    names: Vec<String>,
    /// Folder with the MNIST files; without it burn's own download is used.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder with weights and cards.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
    /// Test images for −log p(x), chosen by the seed [default: all]. Results are cached in target/bounds.
    #[arg(long)]
    images: Option<usize>,
    /// Folder with the weights of VAE Explainer (its `public/tfjs`), which get a row, too.
    #[arg(long)]
    vae_explainer: Option<PathBuf>,
}

/// A row of the table.
struct Row {
    name: String,
    bytes: usize,
    parameters: usize,
    pixels: &'static str,
    neg_elbo: Mean,
    /// −log p(x) or a bound of it, and which of them.
    neg_log_p: Option<(String, Mean)>,
    training: String,
}

/// An entry of index.json.
#[derive(Deserialize)]
struct Entry {
    name: String,
    data: String,
}

/// A model that gets a row.
struct Entrant {
    name: String,
    model: Vae,
    bytes: usize,
    image: ImageShape,
    binarized: bool,
    /// The digest of the weights, which identifies cached results.
    digest: String,
    training: String,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let device = Device::flex();
    let names = match args.names.is_empty() {
        true => digit_models(&args.weights)?,
        false => args.names.clone(),
    };
    let mut entrants = Vec::new();
    for name in names {
        entrants.push(included(&args.weights, &name, &device)?);
    }
    if let Some(folder) = &args.vae_explainer {
        let (model, bytes) = vae_explainer::read(folder, &device)?;
        entrants.push(Entrant {
            name: "VAE Explainer".to_owned(),
            model,
            bytes,
            image: ImageShape::MNIST,
            binarized: false,
            digest: "vae-explainer".to_owned(),
            training: "–".to_owned(),
        });
    }
    let mut rows = Vec::new();
    for entrant in &entrants {
        eprintln!("{}", entrant.name);
        rows.push(row(args, entrant, &device)?);
    }
    print!("{}", markdown(&rows));
    println!("\n{DEFINITIONS}");
    Ok(())
}

/// A model of the weights folder.
fn included(weights: &Path, name: &str, device: &Device) -> Result<Entrant> {
    let path = weights.join(format!("{name}.safetensors"));
    let bytes = fs::metadata(&path)
        .with_context(|| format!("can't read {}", path.display()))?
        .len();
    let (card, model) = model_io::read(weights, name, device)?;
    Ok(Entrant {
        name: name.to_owned(),
        model,
        bytes: usize::try_from(bytes)?,
        image: card.data.image,
        binarized: card.data.binarized,
        training: training(&card),
        digest: card.weights.sha256,
    })
}

/// The models of digits that index.json lists.
fn digit_models(weights: &Path) -> Result<Vec<String>> {
    let path = weights.join("index.json");
    let text =
        fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    let entries: Vec<Entry> = serde_json::from_str(&text)?;
    let digits = entries.into_iter().filter(|entry| entry.data == "digits");
    Ok(digits.map(|entry| entry.name).collect())
}

fn row(args: &Args, entrant: &Entrant, device: &Device) -> Result<Row> {
    let model = &entrant.model;
    let images = data::load(args.data.as_deref(), Split::Test, entrant.image)?;
    let pixels = data::pixels(&images, entrant.binarized, test_set::SEED);
    let found = test_set::evaluate(model, &pixels, images.labels(), device)?;
    let label = match model.classes() {
        0 => 0.0,
        classes => (classes as f64).ln(),
    };
    let subject = bounds::Subject {
        name: &entrant.name,
        sha256: &entrant.digest,
        model,
        pixels: &pixels,
        seed: test_set::SEED,
    };
    // Of grey pixels p(x) is not a probability, and bounds of it say no more than the ELBO.
    let neg_log_p = match entrant.binarized && model.classes() == 0 {
        true => {
            let count = args.images.unwrap_or(images.len());
            let settings = bounds::table_settings(Some(count));
            let bounds = bounds::compute(&settings, count, &subject, device)?;
            let bound = || {
                let (k, mean) = bounds.tightest()?;
                Some((format!("K = {k}"), mean))
            };
            bounds
                .exact()
                .map(|mean| ("exact".to_owned(), mean))
                .or_else(bound)
                .map(|(kind, mean)| match count < images.len() {
                    true => (format!("{kind}, {count} images"), mean),
                    false => (kind, mean),
                })
        }
        false => None,
    };
    Ok(Row {
        name: entrant.name.clone(),
        bytes: entrant.bytes,
        parameters: model.config().parameter_count(),
        pixels: match entrant.binarized {
            true => "binarized",
            false => "grey",
        },
        neg_elbo: (found.elbo.neg_elbo() + label, found.standard_error),
        neg_log_p,
        training: entrant.training.clone(),
    })
}

/// How long the training was.
fn training(card: &Card) -> String {
    let Some(training) = &card.training else {
        return "–".to_owned();
    };
    let epochs = format!("{} epochs", training.epochs);
    match training.seconds {
        Some(seconds) => format!("{epochs}, {} min", seconds.div_ceil(60)),
        None => epochs,
    }
}

fn markdown(rows: &[Row]) -> String {
    let mut out = String::from(
        "| model | bytes | parameters | pixels | −ELBO | −log p(x) | training |\n\
         | --- | ---: | ---: | --- | ---: | ---: | --- |\n",
    );
    for row in rows {
        let nats = |(mean, error): &Mean| format!("{mean:.2} ± {error:.2}");
        let neg_log_p = match &row.neg_log_p {
            Some((kind, mean)) => format!("{} ({kind})", nats(mean)),
            None => "–".to_owned(),
        };
        out += &format!(
            "| `{}` | {} | {} | {} | {} | {neg_log_p} | {} |\n",
            row.name,
            thousands(row.bytes),
            thousands(row.parameters),
            row.pixels,
            nats(&row.neg_elbo),
            row.training
        );
    }
    out
}

/// A number with a comma between groups of three digits.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, rest) = digits.split_at(first);
    let groups = rest.as_bytes().chunks(3).map(String::from_utf8_lossy);
    let head = (!head.is_empty()).then(|| head.into());
    head.into_iter().chain(groups).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_separates_groups_of_three_digits() {
        let found = [7, 999, 1_000, 485_396, 1_000_000].map(thousands);
        assert_eq!(found, ["7", "999", "1,000", "485,396", "1,000,000"]);
    }

    #[test]
    fn markdown_has_a_line_for_each_model() {
        let row = Row {
            name: "a".to_owned(),
            bytes: 1234,
            parameters: 56,
            pixels: "binarized",
            neg_elbo: (131.4, 0.47),
            neg_log_p: Some(("exact".to_owned(), (126.719, 0.421))),
            training: "200 epochs".to_owned(),
        };
        let table = markdown(&[row]);
        let line =
            "| `a` | 1,234 | 56 | binarized | 131.40 ± 0.47 | 126.72 ± 0.42 (exact) | 200 epochs |";
        assert_eq!(table.lines().nth(2), Some(line));
    }
}
