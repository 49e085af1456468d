//! Importing a model: what a state dict does not contain is asked, and answered.

use serde::{Deserialize, Serialize};
use spec::{Activation, Likelihood};

/// What is known of a state dict besides its tensors.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ImportOptions {
    /// The index of the reading in [`ImportedModel::readings`](crate::ImportedModel::readings); without it, the best by names,
    /// or by the sample if that is a close call.
    pub reading: Option<usize>,
    /// The names of the layers in the order in which the model applies them, as the user arranged them; empty to let names
    /// and sizes decide.
    #[serde(default)]
    pub order: Vec<String>,
    /// Answers to [`ImportQuestion`]s: the question's id and the choice's value.
    pub answers: Vec<(String, String)>,
    /// Activation and likelihood on the card that came with the weights.
    pub card: Option<CardOptions>,
    /// Images that decide what is not answered.
    pub sample: Option<ImportSample>,
}

/// What a card tells that weights don't.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CardOptions {
    /// The nonlinearity after each hidden layer.
    pub activation: Activation,
    /// p(x|z).
    pub likelihood: Likelihood,
}

/// Images of the kind that the model may have been trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportSample {
    /// `[n, height, width, channels]`, light ink on black.
    #[serde(with = "serde_bytes")]
    pub images: Vec<u8>,
    /// The label of each image, `[n]`.
    #[serde(with = "serde_bytes")]
    pub labels: Vec<u8>,
}

/// What a state dict does not tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportQuestion {
    /// "activation", "decoder-activation", "head", "mean", "output", "range", "shape", "label", "geometry", "groups",
    /// "inner-activation", or "weights" for a file with several copies of them.
    pub id: String,
    /// The choices.
    pub choices: Vec<ImportChoice>,
    /// The index of the choice that the model was made with.
    pub chosen: usize,
    /// Why it may be wrong; `None` if it is settled or almost always right.
    pub doubt: Option<String>,
}

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportChoice {
    /// Its value in [`ImportOptions::answers`].
    pub value: String,
    /// What it means.
    pub meaning: String,
    /// −ELBO on the sample with this answer and otherwise the same ones, in nats per image, if it was computed.
    pub neg_elbo: Option<f64>,
}

/// A reading of a state dict as a VAE.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportReading {
    /// How well names and order agree with it, from 0 to 1.
    pub score: f64,
    /// What speaks for it and against it, as sentences.
    pub reasons: Vec<String>,
    /// The layers, from the image to the image.
    pub layers: Vec<ImportLayer>,
    /// −ELBO on the sample, in nats per image, if it was computed.
    pub neg_elbo: Option<f64>,
}

/// A layer of a state dict and what it does in a reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLayer {
    /// "encoder", "μ", "second head", "both heads", "label", "decoder" or "not used".
    pub role: String,
    /// Its name in the file.
    pub name: String,
    /// Its sizes, and what is folded into it.
    pub text: String,
}
