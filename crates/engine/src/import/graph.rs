//! Imports a graph of ONNX, which the file worker has converted.

use super::{Sample, answers, converted, reading::Reading, report, scoring};
use burn::tensor::Device;
use onnx::OnnxModel;
use protocol::{ImportOptions, ImportReading, ImportedModel, RequestError};

/// The model of a converted graph, with what the graph does not tell.
///
/// # Errors
/// When an answer is no choice, or the device fails.
pub(super) async fn import(
    name: String,
    model: &OnnxModel,
    options: &ImportOptions,
    sample: &Sample,
    device: &Device,
) -> Result<ImportedModel, RequestError> {
    vae::graph::install(vae::graph::interpret);
    let given = answers(options)?;
    let reading: &dyn Reading = model;
    let comparison = scoring::compare(&[reading], None, &given, sample, device).await?;
    let recognized = reading.apply(&comparison.answers)?;
    let questions = report::questions(&model.questions, &comparison);
    let choices = match report::choices(&questions) {
        choices if choices.is_empty() => "nothing; the graph tells all".to_owned(),
        choices => choices,
    };
    let mut imported = converted(name, recognized, "ONNX", choices, device).await?;
    imported.readings = vec![ImportReading {
        score: 1.0,
        reasons: model.notes.clone(),
        layers: report::layers(&model.description),
        neg_elbo: comparison.readings.first().copied().flatten(),
    }];
    imported.questions = questions;
    Ok(imported)
}
