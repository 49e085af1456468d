//! The score of a reading on images: −ELBO and the error of the reconstructions.

use super::recognized::{self, Recognized};
use burn::tensor::{Device, Tensor, TensorData};
use protocol::RequestError;
use recognition::{Answers, Candidate, QuestionId};
use vae::{Vae, evaluate, weights};

/// Samples of ε for each image.
const SAMPLES: usize = 4;
const SEED: u64 = 1;
/// Readings that are compared.
const MAX_CANDIDATES: usize = 3;
/// Subjects that the images decide, the most influential first.
const SUBJECTS: [QuestionId; 6] = [
    QuestionId::Geometry,
    QuestionId::InnerActivation,
    QuestionId::Activation,
    QuestionId::Mean,
    QuestionId::Head,
    QuestionId::Range,
];

/// Images to compare readings on.
pub(crate) struct Sample<'a> {
    /// `[n, input]`, from 0 to 1.
    pub(crate) images: &'a [f32],
    /// `[n]`; may be empty for models without a label.
    pub(crate) labels: &'a [u8],
}

/// How well a model explains images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Score {
    /// Mean −ELBO, in nats per image.
    pub(crate) neg_elbo: f64,
    /// The mean squared error of a pixel of the reconstruction at z = μ.
    pub(crate) squared_error: f64,
}

/// The model of a reading, its answers and its score.
#[derive(Debug, Clone)]
pub(crate) struct Suggestion {
    /// The index of the reading.
    pub(crate) candidate: usize,
    /// The answers that the images suggest, where they differ from the readings' own.
    pub(crate) answers: Answers,
    pub(crate) score: Score,
}

/// Scores a model; `None` if it has no encoder, takes images of another size, or gives no finite number.
///
/// # Errors
/// When the model is invalid, or the device fails.
pub(crate) async fn score(
    recognized: &Recognized,
    sample: &Sample<'_>,
    device: &Device,
) -> Result<Option<Score>, RequestError> {
    let config = &recognized.config;
    let count = sample.images.len() / config.input_size;
    let fits = count > 0
        && sample.images.len() == count * config.input_size
        && (config.classes == 0 || sample.labels.len() == count);
    if !fits || !config.has_encoder() {
        return Ok(None);
    }
    let model = weights::from_parameters(config, &recognized.parameters, device)
        .map_err(RequestError::bad_model)?;
    let evaluation = evaluate(&model, sample.images, sample.labels, SAMPLES, SEED, device)
        .await
        .map_err(RequestError::backend_lost)?;
    let score = Score {
        neg_elbo: evaluation.elbo.neg_elbo(),
        squared_error: squared_error(&model, sample, device).await?,
    };
    let finite = score.neg_elbo.is_finite() && score.squared_error.is_finite();
    Ok(finite.then_some(score))
}

async fn squared_error(
    model: &Vae,
    sample: &Sample<'_>,
    device: &Device,
) -> Result<f64, RequestError> {
    let input = model.input_size();
    let count = sample.images.len() / input;
    let x = Tensor::<2>::from_data(
        TensorData::new(sample.images.to_vec(), [count, input]),
        device,
    );
    let condition = vae::Condition::of_labels(sample.labels, model.classes(), device);
    let z = model.encoder.forward(x.clone(), &condition).mu;
    let error = (model.decode(z, &condition) - x).square().mean();
    let data = error
        .into_data_async()
        .await
        .map_err(RequestError::backend_lost)?;
    Ok(data.iter::<f64>().next().unwrap_or(f64::NAN))
}

/// The reading and the answers with the lowest −ELBO on the images: the readings with their own suggestions first, then each
/// subject of the best in turn. `None` if no reading can be scored.
///
/// # Errors
/// When the device fails.
pub(crate) async fn suggest(
    candidates: &[Candidate],
    given: &Answers,
    sample: &Sample<'_>,
    device: &Device,
) -> Result<Option<Suggestion>, RequestError> {
    let mut best: Option<Suggestion> = None;
    for (at, candidate) in candidates.iter().enumerate().take(MAX_CANDIDATES) {
        let recognized = recognized::apply(candidate, given)?;
        if let Some(score) = score(&recognized, sample, device).await?
            && best
                .as_ref()
                .is_none_or(|best| score.neg_elbo < best.score.neg_elbo)
        {
            best = Some(Suggestion {
                candidate: at,
                answers: given.clone(),
                score,
            });
        }
    }
    let Some(mut best) = best else {
        return Ok(None);
    };
    let candidate = &candidates[best.candidate];
    for subject in SUBJECTS {
        let Some(question) = candidate
            .question(subject)
            .filter(|_| !given.contains_key(&subject))
        else {
            continue;
        };
        for choice in &question.choices {
            let mut answers = best.answers.clone();
            answers.insert(subject, choice.value.clone());
            let recognized = recognized::apply(candidate, &answers)?;
            if let Some(score) = score(&recognized, sample, device).await?
                && score.neg_elbo < best.score.neg_elbo
            {
                best = Suggestion {
                    answers,
                    score,
                    ..best
                };
            }
        }
    }
    Ok(Some(best))
}
