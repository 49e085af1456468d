//! Weights that come with their own card.

use super::{StateDictFile, recognized::Recognized};
use crate::training::model_info;
use burn::tensor::Device;
use protocol::{ImportOptions, ImportedModel, RequestError, TrainedModel};
use vae::weights::{self, Card};

/// The model as its card describes it, under the new name, if the weights are the card's and the card agrees with the
/// options: the model then keeps everything that the card contains.
pub(super) fn import(
    file: &StateDictFile<'_>,
    options: ImportOptions,
    device: &Device,
) -> Option<ImportedModel> {
    let text = file.card?;
    let card = Card::from_json(text).ok()?;
    let architecture = &card.architecture;
    let agrees = architecture.network.is_some() || architecture.activation == options.activation;
    if options.swap_heads || !agrees || architecture.likelihood != options.likelihood {
        return None;
    }
    weights::load(&card, file.weights, device).ok()?;
    let layers = layers_of(&card);
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
        model: TrainedModel {
            info: model_info(&card),
            card: text,
            weights: file.weights.to_vec(),
        },
        mapping: layers,
        heads_guessed: false,
    })
}

/// The model with the layers of the card, if the weights have their names though they are not the card's own: its labels
/// and convolutions do not follow from the layers' sizes. `None` without a card, or for a card of other layers.
pub(super) fn named(file: &StateDictFile<'_>) -> Option<Result<Recognized, RequestError>> {
    let card = Card::from_json(file.card?).ok()?;
    let parameters = match weights::read_named(file.weights, &card.architecture) {
        Ok(parameters) => parameters,
        // A conditional model is not recognized by its layers alone when its card contradicts them.
        Err(error) if card.architecture.classes > 0 => {
            return Some(Err(RequestError::bad_model(error)));
        }
        Err(_) => return None,
    };
    Some(Ok(Recognized {
        mapping: layers_of(&card),
        image: card.data.image,
        config: card.architecture,
        parameters,
        heads_guessed: false,
    }))
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
