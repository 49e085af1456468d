//! `trainer classes`: where each class of digit lies, on the cards of models in `weights/`.

use crate::{
    data::{self, CLASSES, Split},
    evaluate::read,
};
use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, read_sync};
use std::{fs, path::PathBuf};
use vae::{Vae, train::TrainingImages, weights::Card};

/// Writes the classes' means on cards, and nothing else: no weight changes.
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
    let all = data::load(args.data.as_deref(), Split::Train)?;
    for name in &args.names {
        let (mut card, model) = read(&args.weights, name, &device)?;
        card.class_means = class_means_of_card(&card, &model, &all, &device)?;
        let path = args.weights.join(format!("{name}.json"));
        let text = with_class_means(&fs::read_to_string(&path)?, &card);
        let written = Card::from_json(&text)?;
        ensure!(
            written.class_means == card.class_means,
            "{} is not as export writes it; export the model again",
            path.display()
        );
        fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))?;
        match card.class_means {
            Some(means) => println!("{name}: {} classes", means.len()),
            None => println!("{name} is told the label: its classes have no place of their own"),
        }
    }
    Ok(())
}

/// The text of a card with the class means of another, and otherwise as it is: numbers that are read and
/// written anew may change in their last digit.
fn with_class_means(text: &str, card: &Card) -> String {
    let means = |line: &&str| line.starts_with("  \"class_means\": [");
    let json = card.to_json();
    let mut new = json.lines().skip_while(|line| !means(line)).peekable();
    let mut new: Vec<&str> = match new.peek() {
        Some(_) => new
            .take_while(|line| *line != "  ],")
            .chain(["  ],"])
            .collect(),
        None => Vec::new(),
    };
    let mut lines = Vec::new();
    let mut old = text.lines();
    while let Some(line) = old.next() {
        if means(&line) {
            old.by_ref().find(|line| *line == "  ],");
            continue;
        }
        if line == "  \"weights\": {" {
            lines.append(&mut new);
        }
        lines.push(line);
    }
    lines.join("\n") + "\n"
}

/// As [`class_means`], over those of all training images that the card's model was trained on: the first.
pub(crate) fn class_means_of_card(
    card: &Card,
    model: &Vae,
    all: &TrainingImages,
    device: &Device,
) -> Result<Option<Vec<Vec<f32>>>> {
    let mut images = all.clone();
    images.split_off(all.len().saturating_sub(card.data.count));
    class_means(model, &images, device)
}

/// The mean of μ over each class of the images, to three decimals, `[10 × latent]`; none for a model that is
/// told the label.
pub(crate) fn class_means(
    model: &Vae,
    images: &TrainingImages,
    device: &Device,
) -> Result<Option<Vec<Vec<f32>>>> {
    if model.classes() > 0 {
        return Ok(None);
    }
    let (pixels, labels) = (images.to_floats(), images.labels());
    let found = vae::class_means(model, &pixels, labels, CLASSES, device);
    let mut means = read_sync(found)?;
    for mean in means.iter_mut().flatten() {
        *mean = (*mean * 1e3).round() / 1e3;
    }
    Ok(Some(means))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_class_means_of_a_card_changes() {
        let text = include_str!("../../../weights/mnist-16d.json");
        let mut card = Card::from_json(text).expect("shipped");
        let mut with = |text: &str, means: Option<Vec<Vec<f32>>>| {
            card.class_means = means;
            with_class_means(text, &card)
        };
        let bare = with(text, None);
        assert!(!bare.contains("class_means"));
        let first = with(&bare, Some(vec![vec![0.5; 16]; 10]));
        let read = Card::from_json(&first).expect("a card");
        assert_eq!(read.class_means, Some(vec![vec![0.5; 16]; 10]));
        let second = with(&first, Some(vec![vec![1.5; 16]; 10]));
        assert_eq!(
            second,
            first.replace("0.5\n", "1.5\n").replace("0.5,\n", "1.5,\n")
        );
        assert_eq!(with(&second, None), bare);
    }
}
