//! Weights that come with their own card.

use super::{StateDictFile, recognized::Recognized};
use crate::training::model_info;
use burn::tensor::Device;
use protocol::{
    Activation, ImportChoice, ImportOptions, ImportQuestion, ImportedModel, RequestError,
    TrainedModel,
};
use vae::weights::{self, Card};

/// The answer to a question of [`questions`], if it was given.
fn answer<'a>(options: &'a ImportOptions, question: &str) -> Option<&'a str> {
    let found = options.answers.iter().find(|(id, _)| id == question);
    found.map(|(_, answer)| answer.as_str())
}

/// The model as its card describes it, under the new name, if the weights are the card's and the answers agree with it:
/// the model then keeps everything that the card contains.
pub(super) fn import(
    file: &StateDictFile<'_>,
    options: &ImportOptions,
    device: &Device,
) -> Option<ImportedModel> {
    let text = file.card?;
    let card = Card::from_json(text).ok()?;
    let activation = card.architecture.activation;
    let agrees = answer(options, "activation").is_none_or(|answer| answer == activation.name());
    if !agrees || answer(options, "mean") == Some("second") {
        return None;
    }
    weights::load(&card, file.weights, device).ok()?;
    let mapping = layers_of(&card);
    let (card, text) = if card.name == file.name {
        // The text is kept as it is: numbers that are parsed and printed again may change in the last digit.
        (card, text.to_owned())
    } else {
        let renamed = Card {
            name: file.name.clone(),
            ..card
        };
        let text = renamed.to_json();
        (renamed, text)
    };
    Some(ImportedModel {
        has_encoder: card.architecture.has_encoder(),
        questions: match card.architecture.network {
            Some(_) => Vec::new(),
            None => questions(activation, false),
        },
        model: TrainedModel {
            info: model_info(&card),
            card: text,
            weights: file.weights.to_vec(),
        },
        mapping,
        readings: Vec::new(),
        reading: 0,
    })
}

/// The model with the layers of the card, if the weights have their names though they are not the card's own, or another
/// answer was given: labels and convolutions do not follow from the layers' sizes. `None` without a card, or for a card of
/// other layers.
pub(super) fn named(
    file: &StateDictFile<'_>,
    options: &ImportOptions,
) -> Option<Result<Recognized, RequestError>> {
    let card = Card::from_json(file.card?).ok()?;
    let parameters = match weights::read_named(file.weights, &card.architecture) {
        Ok(parameters) => parameters,
        // A conditional model is not recognized by its layers alone when its card contradicts them.
        Err(error) if card.architecture.classes > 0 => {
            return Some(Err(RequestError::bad_model(error)));
        }
        Err(_) => return None,
    };
    let mut recognized = Recognized {
        mapping: layers_of(&card),
        image: card.data.image,
        config: card.architecture,
        parameters,
        swapped: false,
    };
    if let Some(activation) = answer(options, "activation").and_then(Activation::from_name) {
        recognized.config.activation = activation;
    }
    if answer(options, "mean") == Some("second") {
        recognized.swap_heads();
    }
    Some(Ok(recognized))
}

/// What may be changed though the card tells it.
pub(super) fn questions(activation: Activation, swapped: bool) -> Vec<ImportQuestion> {
    let choice = |value: &str, meaning: &str| ImportChoice {
        value: value.to_owned(),
        meaning: meaning.to_owned(),
        neg_elbo: None,
    };
    let chosen = Activation::ALL
        .iter()
        .position(|known| *known == activation);
    vec![
        ImportQuestion {
            id: "activation".to_owned(),
            choices: Activation::ALL
                .map(|activation| choice(activation.name(), activation.name()))
                .to_vec(),
            chosen: chosen.unwrap_or(0),
            doubt: None,
        },
        ImportQuestion {
            id: "mean".to_owned(),
            choices: vec![
                choice("first", "encoder.mu computes μ"),
                choice("second", "encoder.log_var computes μ"),
            ],
            chosen: usize::from(swapped),
            doubt: None,
        },
    ]
}

/// Each layer under its own name.
fn layers_of(card: &Card) -> Vec<(String, String)> {
    let shapes = card.architecture.parameter_shapes();
    let layers = shapes
        .iter()
        .filter_map(|(name, _)| name.strip_suffix(".weight"));
    layers
        .map(|layer| (layer.to_owned(), layer.to_owned()))
        .collect()
}
