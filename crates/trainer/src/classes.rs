//! `trainer classes`: computes the class means on the cards of models in `weights/`.

use crate::{
    class_means::class_means_for_card,
    data::{self, Split},
    model_io,
};
use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use std::{fs, path::PathBuf};
use vae::weights::Card;

/// Updates the class means on cards; the weights are unchanged.
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
    for name in &args.names {
        let (mut card, model) = model_io::read(&args.weights, name, &device)?;
        let all = data::load(args.data.as_deref(), Split::Train, card.data.image)?;
        card.class_means = class_means_for_card(&card, &model, &all, &device)?;
        let path = args.weights.join(format!("{name}.json"));
        let text = with_class_means(&fs::read_to_string(&path)?, &card);
        let written = Card::from_json(&text)?;
        ensure!(
            written.class_means == card.class_means,
            "{} is not in the form that export writes; export the model again",
            path.display()
        );
        fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))?;
        match card.class_means {
            Some(means) => println!("{name}: {} classes", means.len()),
            None => println!("{name} is conditioned on the label and has no class means"),
        }
    }
    Ok(())
}

/// Replaces the class means in the text of a card by those of `card`. The rest of the text is unchanged: serializing the
/// whole card again could change the last digit of a number.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_class_means_changes_nothing_else_on_the_card() {
        let text = include_str!("../../../weights/mnist-16d.json");
        let mut card = Card::from_json(text).expect("included");
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
