//! Converts the state dict of another program to a model with a card.

mod copies;
mod graph;
mod own_card;
mod reading;
mod recognized;
mod report;
mod scoring;
#[cfg(test)]
mod tests;

use crate::{response_future::ResponseFuture, training::model_info};
use burn::tensor::Device;
use onnx::OnnxModel;
use protocol::{ImportOptions, ImportedModel, RequestError, TrainedModel};
use reading::Reading;
use recognition::{Answers, QuestionId};
use recognized::Recognized;
use scoring::{Comparison, Sample};
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

/// The type of [`import`].
pub(crate) type Import =
    for<'a> fn(StateDictFile<'a>, ImportOptions, &'a Device) -> ResponseFuture<'a, ImportedModel>;

/// Recognizes the layers of a safetensors file and returns a model that can be loaded, saved and exported like
/// one trained here, with what the file does not tell.
///
/// # Errors
/// When the file is not a VAE, or the device fails.
pub(crate) fn import<'a>(
    file: StateDictFile<'a>,
    options: ImportOptions,
    device: &'a Device,
) -> ResponseFuture<'a, ImportedModel> {
    Box::pin(imported(file, options, device))
}

async fn imported(
    file: StateDictFile<'_>,
    options: ImportOptions,
    device: &Device,
) -> Result<ImportedModel, RequestError> {
    if let Some(imported) = own_card::import(&file, &options, device) {
        return Ok(imported);
    }
    if let Some(named) = own_card::named(&file, &options) {
        let recognized = named?;
        let questions = own_card::questions(recognized.config.activation, recognized.swapped);
        let choices = "The names of the layers are those of the card.".to_owned();
        let mut imported = converted(file.name, recognized, "PyTorch", choices, device).await?;
        imported.questions = questions;
        return Ok(imported);
    }
    let sample = options.sample.as_ref().map_or_else(
        || Sample {
            images: Vec::new(),
            labels: Vec::new(),
        },
        |sample| Sample {
            images: sample
                .images
                .iter()
                .map(|&byte| f32::from(byte) / 255.0)
                .collect(),
            labels: sample.labels.clone(),
        },
    );
    if let Some(model) = OnnxModel::read(file.weights) {
        let model = model.map_err(RequestError::bad_model)?;
        return graph::import(file.name, &model, &options, &sample, device).await;
    }
    let dicts = checkpoints::read_safetensors(file.weights).map_err(RequestError::bad_model)?;
    let copy = copies::chosen(&dicts, &options)?;
    let candidates = recognized::read(&dicts[copy], &options.order)?;
    let given = answers(&options)?;
    let readings: Vec<&dyn Reading> = candidates.iter().map(|it| it as &dyn Reading).collect();
    let comparison = scoring::compare(&readings, options.reading, &given, &sample, device).await?;
    let candidate = &candidates[comparison.reading];
    let mut recognized = recognized::apply(candidate, &comparison.answers)?;
    if let Some(card) = options.card {
        recognized.config.likelihood = card.likelihood;
    }
    let mut questions = report::questions(&candidate.questions, &comparison);
    questions.extend(copies::question(&dicts, copy));
    let mut choices = report::choices(&questions);
    if !options.order.is_empty() {
        choices += &format!("; the layers in the order {}", options.order.join(", "));
    }
    let mut imported = converted(file.name, recognized, "PyTorch", choices, device).await?;
    let Comparison { reading, .. } = comparison;
    imported.readings = report::readings(&candidates, &comparison.readings);
    (imported.reading, imported.questions) = (reading, questions);
    Ok(imported)
}

/// The answers of the options; a card answers what it contains.
fn answers(options: &ImportOptions) -> Result<Answers, RequestError> {
    let mut answers = Answers::new();
    if let Some(card) = options.card {
        answers.insert(QuestionId::Activation, card.activation.name().to_owned());
    }
    let others = options
        .answers
        .iter()
        .filter(|(id, _)| id != copies::QUESTION);
    for (question, answer) in others {
        let id = QuestionId::from_name(question).ok_or_else(|| {
            RequestError::bad_request(format!("there is no question \"{question}\""))
        })?;
        answers.insert(id, answer.clone());
    }
    Ok(answers)
}

/// The weights in our own layout, with a card that says that they were imported, and with which choices.
async fn converted(
    name: String,
    recognized: Recognized,
    source: &str,
    choices: String,
    device: &Device,
) -> Result<ImportedModel, RequestError> {
    let Recognized {
        config,
        image,
        parameters,
        mapping,
        ..
    } = recognized;
    let has_encoder = config.has_encoder();
    let model =
        weights::from_parameters(&config, &parameters, device).map_err(RequestError::bad_model)?;
    let saved = weights::save(&model, StorageType::F32);
    let (weights, weights_card) = saved.await.map_err(RequestError::backend_lost)?;
    let card = Card {
        format: weights::FORMAT,
        name,
        architecture: config,
        data: DataCard {
            dataset: format!("unknown: the model was imported from {source}"),
            image,
            count: 0,
            class_names: Vec::new(),
            binarized: false,
            convention: format!("unknown. Chosen at the import: {choices}"),
        },
        training: None,
        test: None,
        class_means: None,
        weights: weights_card,
    };
    Ok(ImportedModel {
        model: TrainedModel {
            info: model_info(&card),
            card: card.to_json(),
            weights,
        },
        mapping,
        readings: Vec::new(),
        reading: 0,
        questions: Vec::new(),
        has_encoder,
    })
}
