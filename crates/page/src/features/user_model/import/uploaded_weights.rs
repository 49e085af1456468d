//! Uploaded model files: which of them are weights, and what the card beside them contains.

use crate::features::user_model::name;
use crate::state::catalog::Catalog;
use protocol::{Activation, CardOptions, Likelihood, NamedFile};
use serde::Deserialize;

/// Uploaded weights with their card.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct UploadedWeights {
    /// The name of the model: the file name without its extension.
    pub(crate) name: String,
    /// The file name.
    pub(crate) file_name: String,
    /// The bytes: safetensors, a PyTorch checkpoint, or anything else.
    pub(crate) weights: Vec<u8>,
    /// The JSON card, if there is one.
    pub(crate) card: Option<String>,
    /// The architecture of that card.
    pub(crate) guess: Option<CardOptions>,
}

impl UploadedWeights {
    /// Whether the file worker has to read the weights first. Those with a card are kept as they are, because the card
    /// has their checksum.
    pub(crate) fn need_conversion(&self) -> bool {
        self.card.is_none() || self.weights.starts_with(b"PK") || self.is_onnx()
    }

    /// Whether the bytes begin as those of ONNX do: with its version, and the key of another field. A safetensors file
    /// can begin with the same two bytes, which are the length of its header, and then has a zero. A card does not describe
    /// a graph.
    pub(crate) fn is_onnx(&self) -> bool {
        matches!(
            self.weights[..],
            [
                0x08,
                1..=32,
                0x12 | 0x1a | 0x22 | 0x2a | 0x32 | 0x3a | 0x42,
                ..
            ]
        )
    }
}

/// Whether the bytes are JSON, and not a model of TensorFlow.js, which the reader of weights names.
fn may_be_card(bytes: &[u8]) -> bool {
    let has = |key: &[u8]| bytes.windows(key.len()).any(|window| window == key);
    let is_json = bytes.trim_ascii_start().starts_with(b"{");
    is_json && !has(b"\"weightsManifest\"") && !has(b"\"modelTopology\"")
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Uploaded {
    /// A model, or one half of it.
    One(UploadedWeights),
    /// Two files without a card: the decoder and the encoder of a model, in any order.
    Pair([NamedFile; 2]),
}

/// Separates the weights from their card.
///
/// # Errors
///
/// Returns what is missing or superfluous.
pub(crate) fn separate(files: Vec<NamedFile>) -> Result<Uploaded, String> {
    let (cards, mut weights): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| may_be_card(&file.bytes));
    if cards.is_empty() && weights.len() == 2 {
        let files = <[NamedFile; 2]>::try_from(weights);
        return files
            .map(Uploaded::Pair)
            .map_err(|_| "Choose two files.".to_owned());
    }
    if cards.len() > 1 || weights.len() > 1 {
        return Err(
            "Choose one model at a time: its weights and, if there is one, its card; or its decoder and its encoder."
                .to_owned(),
        );
    }
    let Some(file) = weights.pop() else {
        return Err(
            "There are no weights: choose a .safetensors, .pt or .onnx file and, if there is one, its card."
                .to_owned(),
        );
    };
    let name = url_safe(stem(&file.name));
    let guess = match cards.first() {
        None => None,
        Some(card) => Some(from_card(&card.bytes).map_err(|error| {
            format!(
                "{} is not the card of a model ({error}); choose the weights alone or with their own card.",
                card.name
            )
        })?),
    };
    let card = cards.into_iter().next();
    Ok(Uploaded::One(UploadedWeights {
        name,
        file_name: file.name,
        weights: file.bytes,
        card: card.and_then(|card| String::from_utf8(card.bytes).ok()),
        guess,
    }))
}

/// A file's name without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The name of the model of two files: what their names have in common, "vae" of "vae-decoder.onnx" and
/// "vae-encoder.onnx", if that is a word; else "vae".
pub(crate) fn name_of_pair([one, other]: [&str; 2]) -> String {
    let (one, other) = (stem(one), stem(other));
    let common = one
        .chars()
        .zip(other.chars())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a);
    let common: String = common.collect();
    let common = common.trim_matches(|c: char| !c.is_alphanumeric());
    match common.chars().count() {
        0..2 => "vae".to_owned(),
        _ => url_safe(common),
    }
}

/// The part of a card that describes what weights don't contain.
#[derive(Deserialize)]
struct Card {
    architecture: CardArchitecture,
}

#[derive(Deserialize)]
struct CardArchitecture {
    activation: Activation,
    likelihood: Likelihood,
}

/// What a card contains that weights don't: activation and likelihood.
fn from_card(bytes: &[u8]) -> serde_json::Result<CardOptions> {
    let Card { architecture } = serde_json::from_slice(bytes)?;
    Ok(CardOptions {
        activation: architecture.activation,
        likelihood: architecture.likelihood,
    })
}

/// The name with all characters replaced that have a meaning in an address.
fn url_safe(name: &str) -> String {
    let safe: String = name
        .chars()
        .take(32)
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    match safe.trim_matches('-') {
        "" => "imported".to_owned(),
        safe => safe.to_owned(),
    }
}

/// The name if it is free, else with a number.
pub(crate) fn free_name(wanted: &str, catalog: &Catalog) -> String {
    name::free_name(wanted, &catalog.names())
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

    fn one(uploaded: Uploaded) -> UploadedWeights {
        match uploaded {
            Uploaded::One(uploaded) => uploaded,
            Uploaded::Pair(files) => panic!("{files:?}"),
        }
    }

    #[test]
    fn separate_takes_two_files_as_decoder_and_encoder() {
        let files = [file("encoder.pt", b"PK"), file("decoder.pt", b"PK")];
        assert_eq!(separate(files.to_vec()), Ok(Uploaded::Pair(files)));
    }

    #[test]
    fn name_of_pair_is_what_the_names_have_in_common() {
        for (names, expected) in [
            (
                ["mnist-2d-decoder.onnx", "mnist-2d-encoder.onnx"],
                "mnist-2d",
            ),
            (["encoder.pt", "decoder.pt"], "vae"),
            (["vae_enc.pt", "vae_dec.pt"], "vae"),
            (["decoder.onnx", "decoder (1).onnx"], "decoder"),
        ] {
            assert_eq!(name_of_pair(names), expected);
        }
    }

    #[test]
    fn separate_reads_the_card() {
        let card = br#" {"architecture":{"activation":"gelu",
            "likelihood":{"kind":"gaussian","sigma":0.5}}}"#;
        let uploaded = separate(vec![
            file("my model.v2.safetensors", b"\x08\0\0"),
            file("my model.v2.json", card),
        ])
        .expect("a model");
        let uploaded = one(uploaded);
        assert_eq!(uploaded.name, "my-model-v2");
        assert!(uploaded.card.is_some() && !uploaded.need_conversion());
        let guess = uploaded.guess.expect("the card's");
        assert_eq!(guess.activation, Activation::Gelu);
        assert_eq!(guess.likelihood, Likelihood::Gaussian { sigma: 0.5 });
    }

    /// The length of a safetensors header can begin as ONNX does.
    #[test]
    fn is_onnx_is_false_for_a_header_of_any_length() {
        let is_onnx = |bytes: &[u8]| {
            let uploaded = separate(vec![file("a.safetensors", bytes)]).expect("a model");
            one(uploaded).is_onnx()
        };
        for length in [0x108_u64, 0x1108, 0x1f08, 0x1_0508] {
            assert!(!is_onnx(&[&length.to_le_bytes()[..], b"{}"].concat()));
        }
        assert!(is_onnx(b"\x08\x08\x12\x07pytorch"));
    }

    #[test]
    fn separate_rejects_missing_and_superfluous_files() {
        let error = |files| separate(files).expect_err("must be rejected");
        assert!(error(vec![]).contains("no weights"));
        let three = ["a.pt", "b.pt", "c.pt"].map(|name| file(name, b"PK"));
        assert!(error(three.to_vec()).contains("one model"));
        assert!(error(vec![file("a.pt", b"PK"), file("b.json", b"{}")]).contains("b.json"));
        let unknown = br#"{"architecture":{"activation":"gelu","likelihood":{"kind":"poisson"}}}"#;
        let unknown = error(vec![file("a.pt", b"PK"), file("b.json", unknown)]);
        assert!(unknown.contains("`poisson`"), "{unknown}");
        let alone = one(separate(vec![file("?.pt", b"PK")]).expect("alone"));
        assert_eq!((alone.name.as_str(), alone.guess), ("imported", None));
        assert!(alone.need_conversion());
        let tensorflow = separate(vec![file("model.json", br#"{"modelTopology":{}}"#)]);
        assert!(
            one(tensorflow.expect("to be named")).need_conversion(),
            "no card"
        );
    }
}
