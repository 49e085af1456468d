//! Which of the files that were brought are weights, and what a card beside them says.

use crate::client::catalog::Catalog;
use crate::features::train::form;
use protocol::{Activation, ImportGuess, Likelihood, NamedFile};

/// Weights with what is known of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BroughtFile {
    /// The file's name without its ending.
    pub(crate) name: String,
    /// Its bytes: safetensors or a PyTorch checkpoint.
    pub(crate) weights: Vec<u8>,
    /// The card beside it.
    pub(crate) card: Option<String>,
    /// What that card says.
    pub(crate) guess: Option<ImportGuess>,
}

/// The activations, by the names of cards.
pub(crate) const ACTIVATIONS: [(&str, Activation); 4] = [
    ("relu", Activation::Relu),
    ("gelu", Activation::Gelu),
    ("silu", Activation::Silu),
    ("tanh", Activation::Tanh),
];

/// The activation of this name.
pub(crate) fn activation(name: &str) -> Option<Activation> {
    ACTIVATIONS
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, kind)| kind)
}

/// The name of an activation.
pub(crate) fn activation_name(kind: Activation) -> &'static str {
    ACTIVATIONS
        .into_iter()
        .find(|(_, known)| *known == kind)
        .map_or("relu", |(name, _)| name)
}

/// Whether these are the bytes of a ZIP archive, as PyTorch writes checkpoints.
pub(crate) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK")
}

/// Tells weights and card apart.
///
/// # Errors
///
/// Says what is missing or too much.
pub(crate) fn sort(files: Vec<NamedFile>) -> Result<BroughtFile, String> {
    let (cards, mut weights): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|file| file.bytes.trim_ascii_start().starts_with(b"{"));
    if cards.len() > 1 || weights.len() > 1 {
        return Err(
            "Choose one model at a time: its weights, with the card beside them if there is one."
                .to_owned(),
        );
    }
    let Some(file) = weights.pop() else {
        return Err(
            "There are no weights: choose a .safetensors or .pt file, with its card if there is one."
                .to_owned(),
        );
    };
    let stem = file
        .name
        .rsplit_once('.')
        .map_or(file.name.as_str(), |(stem, _)| stem);
    let guess = match cards.first() {
        None => None,
        Some(card) => Some(from_card(&card.bytes).ok_or_else(|| {
            format!(
                "{} is no card of a model; choose the weights alone, or with their own card.",
                card.name
            )
        })?),
    };
    let card = cards.into_iter().next();
    Ok(BroughtFile {
        name: plain(stem),
        weights: file.bytes,
        card: card.and_then(|card| String::from_utf8(card.bytes).ok()),
        guess,
    })
}

/// What a card says that weights don't.
fn from_card(bytes: &[u8]) -> Option<ImportGuess> {
    let card: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let architecture = card.get("architecture")?;
    let likelihood = architecture.get("likelihood")?;
    Some(ImportGuess {
        activation: activation(architecture.get("activation")?.as_str()?)?,
        likelihood: match likelihood.get("kind")?.as_str()? {
            "bernoulli" => Likelihood::Bernoulli,
            "gaussian" => Likelihood::Gaussian {
                sigma: likelihood.get("sigma")?.as_f64()?,
            },
            "continuous-bernoulli" => Likelihood::ContinuousBernoulli,
            _ => return None,
        },
        swap_heads: false,
    })
}

/// A name that can be part of an address.
fn plain(name: &str) -> String {
    let plain: String = name
        .chars()
        .take(32)
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    match plain.trim_matches('-') {
        "" => "imported".to_owned(),
        plain => plain.to_owned(),
    }
}

/// The name, or with a number when it is taken.
pub(crate) fn free_name(name: &str, catalog: &Catalog) -> String {
    let taken: Vec<String> = catalog
        .entries()
        .iter()
        .map(|entry| entry.name.clone())
        .collect();
    form::name::free_name(name, &taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &[u8]) -> NamedFile {
        NamedFile {
            name: name.to_owned(),
            bytes: bytes.to_vec(),
        }
    }

    #[test]
    fn a_card_says_what_weights_do_not() {
        let card = br#" {"architecture":{"activation":"gelu",
            "likelihood":{"kind":"gaussian","sigma":0.5}}}"#;
        let brought = sort(vec![
            file("my model.v2.safetensors", b"\x08\0\0"),
            file("my model.v2.json", card),
        ])
        .expect("sorted");
        assert_eq!(brought.name, "my-model-v2");
        assert!(brought.card.is_some());
        let guess = brought.guess.expect("the card's");
        assert_eq!(guess.activation, Activation::Gelu);
        assert_eq!(guess.likelihood, Likelihood::Gaussian { sigma: 0.5 });
    }

    #[test]
    fn what_is_missing_or_too_much_is_said() {
        let why = |files| sort(files).expect_err("must be refused");
        assert!(why(vec![]).contains("no weights"));
        assert!(why(vec![file("a.pt", b"PK"), file("b.pt", b"PK")]).contains("one model"));
        assert!(why(vec![file("a.pt", b"PK"), file("b.json", b"{}")]).contains("b.json"));
        let alone = sort(vec![file("?.pt", b"PK")]).expect("alone");
        assert_eq!((alone.name.as_str(), alone.guess), ("imported", None));
        assert!(is_archive(&alone.weights));
    }
}
