//! Converts the state dict of another program to a model with a card.

mod own_card;
mod recognized;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "no request asks for scores yet")
)]
mod scoring;
#[cfg(test)]
mod tests;

use crate::training::model_info;
use burn::tensor::Device;
use protocol::{ImportOptions, ImportedModel, Likelihood, RequestError, TrainedModel};
use recognition::{Answers, QuestionId};
use recognized::Recognized;
use vae::weights::{self, Card, DataCard, StorageType};

/// A state dict to import.
pub(crate) struct StateDictFile<'a> {
    /// The name of the resulting model.
    pub(crate) name: String,
    /// A safetensors file.
    pub(crate) weights: &'a [u8],
    /// The card that came with it, if any.
    pub(crate) card: Option<&'a str>,
}

/// Recognizes the layers of a safetensors file and returns a model that can be loaded, saved and exported like
/// one trained here.
///
/// # Errors
/// When the file is not a VAE, or the device fails.
pub(crate) async fn import(
    file: StateDictFile<'_>,
    options: ImportOptions,
    device: &Device,
) -> Result<ImportedModel, RequestError> {
    if let Some(imported) = own_card::import(&file, options, device) {
        return Ok(imported);
    }
    let mut recognized = match own_card::named(&file) {
        Some(recognized) => {
            let mut recognized = recognized?;
            if options.swap_heads {
                recognized.swap_heads();
            }
            recognized
        }
        None => recognized::best(file.weights, &answers(options))?,
    };
    recognized.config.likelihood = options.likelihood;
    if recognized.config.network.is_none() {
        recognized.config.activation = options.activation;
    }
    let (heads_guessed, mapping) = (recognized.heads_guessed, recognized.mapping.clone());
    let (card, weights) = converted(file.name, recognized, device).await?;
    Ok(ImportedModel {
        model: TrainedModel {
            info: model_info(&card),
            card: card.to_json(),
            weights,
        },
        mapping,
        heads_guessed,
    })
}

/// The answers that the options give.
fn answers(options: ImportOptions) -> Answers {
    let mut answers = Answers::new();
    answers.insert(QuestionId::Activation, options.activation.name().to_owned());
    if options.swap_heads {
        answers.insert(QuestionId::Mean, "second".to_owned());
    }
    let output = match options.likelihood {
        Likelihood::Bernoulli | Likelihood::ContinuousBernoulli => "sigmoid",
        Likelihood::Gaussian { .. } | Likelihood::DiscretizedLogistic { .. } => "none",
    };
    answers.insert(QuestionId::Output, output.to_owned());
    answers
}

/// The weights in our own layout, with a card that says that they were imported.
async fn converted(
    name: String,
    recognized: Recognized,
    device: &Device,
) -> Result<(Card, Vec<u8>), RequestError> {
    let Recognized {
        config,
        image,
        parameters,
        ..
    } = recognized;
    let model =
        weights::from_parameters(&config, &parameters, device).map_err(RequestError::bad_model)?;
    let saved = weights::save(&model, StorageType::F32);
    let (bytes, weights_card) = saved.await.map_err(RequestError::backend_lost)?;
    let card = Card {
        format: weights::FORMAT,
        name,
        architecture: config,
        data: DataCard {
            dataset: "unknown: the model was imported from PyTorch".into(),
            image,
            count: 0,
            class_names: Vec::new(),
            binarized: false,
            convention: "unknown".into(),
        },
        training: None,
        test: None,
        class_means: None,
        weights: weights_card,
    };
    Ok((card, bytes))
}
