//! Readings and answers compared on images: −ELBO, and the error of the reconstructions.
#![allow(
    clippy::disallowed_types,
    reason = "on the host web_time's Instant is std's own, and clippy can't tell them apart"
)]

use super::{reading::Reading, recognized::Recognized};
use burn::tensor::{Device, Tensor, TensorData};
use protocol::RequestError;
use recognition::{Answers, QuestionId, with_implied};
use std::{collections::BTreeMap, time::Duration};
use vae::{Condition, Vae, evaluate, weights};
use web_time::Instant;

/// Samples of ε for each image.
const SAMPLES: usize = 2;
const SEED: u64 = 1;
/// Readings that are compared.
const MAX_READINGS: usize = 3;
/// How often each subject is decided: the answer to one may depend on that to another.
const ROUNDS: usize = 2;
/// Time after which what is not compared yet keeps its suggestion.
const MAX_TIME: Duration = Duration::from_secs(4);
/// Subjects that images decide, the most influential first.
const SUBJECTS: [QuestionId; 10] = [
    QuestionId::Geometry,
    QuestionId::Groups,
    QuestionId::InnerActivation,
    QuestionId::Activation,
    QuestionId::DecoderActivation,
    QuestionId::Label,
    QuestionId::Output,
    QuestionId::Range,
    QuestionId::Mean,
    QuestionId::Head,
];

/// Images to compare on.
pub(crate) struct Sample {
    /// `[n, input]`, from 0 to 1.
    pub(crate) images: Vec<f32>,
    /// `[n]`.
    pub(crate) labels: Vec<u8>,
}

/// How well a model explains images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Score {
    /// Mean −ELBO, in nats per image.
    pub(crate) neg_elbo: f64,
    /// The mean squared error of a pixel of the reconstruction at z = μ.
    pub(crate) squared_error: f64,
}

/// What images say about readings and answers.
#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    /// The index of the best reading, or of the given one.
    pub(crate) reading: usize,
    /// The given answers, and those that the images suggest.
    pub(crate) answers: Answers,
    /// The score with these answers; `None` if the images can't be compared.
    pub(crate) score: Option<Score>,
    /// −ELBO of each reading with the given answers.
    pub(crate) readings: Vec<Option<f64>>,
    /// −ELBO of each choice of a subject, with the other answers as they are.
    pub(crate) choices: BTreeMap<QuestionId, Vec<Option<f64>>>,
}

/// Compares readings, unless one is given, and then the answers that are not given.
///
/// # Errors
/// When an answer is no choice, or the device fails.
pub(crate) async fn compare(
    candidates: &[&dyn Reading],
    reading: Option<usize>,
    given: &Answers,
    sample: &Sample,
    device: &Device,
) -> Result<Comparison, RequestError> {
    let implied = with_implied(given);
    let given = &implied;
    let scorer = Scorer {
        sample,
        device,
        start: Instant::now(),
    };
    let mut readings = Vec::new();
    for candidate in candidates.iter().take(MAX_READINGS) {
        readings.push(scorer.score(*candidate, given).await?);
    }
    // With wrong answers a wrong reading may score better, so that only close calls are decided.
    let is_close = |at: usize| candidates[at].score() > 0.5 * candidates[0].score();
    let best = (0..readings.len())
        .filter(|&at| is_close(at))
        .filter_map(|at| Some((at, readings[at]?)))
        .min_by(|a, b| a.1.neg_elbo.total_cmp(&b.1.neg_elbo))
        .map(|(at, _)| at);
    let reading = reading.or(best).unwrap_or(0);
    let candidate = *candidates
        .get(reading)
        .ok_or_else(|| RequestError::bad_request("there is no such reading of the file"))?;
    let mut comparison = Comparison {
        reading,
        answers: given.clone(),
        score: scorer.score(candidate, given).await?,
        readings: readings
            .iter()
            .map(|score| score.map(|score| score.neg_elbo))
            .collect(),
        choices: BTreeMap::new(),
    };
    if comparison.score.is_none() {
        return Ok(comparison);
    }
    for _ in 0..ROUNDS {
        for subject in SUBJECTS {
            scorer
                .decide(candidate, given, subject, &mut comparison)
                .await?;
        }
    }
    Ok(comparison)
}

/// The mean squared error of a pixel if each image is replaced by the mean image.
fn error_of_mean_image(sample: &Sample, input: usize) -> f64 {
    let count = (sample.images.len() / input.max(1)).max(1) as f64;
    let (mut sums, mut squares) = (vec![0.0; input], 0.0);
    for image in sample.images.chunks_exact(input.max(1)) {
        for (sum, &value) in sums.iter_mut().zip(image) {
            *sum += f64::from(value);
            squares += f64::from(value).powi(2);
        }
    }
    let of_mean: f64 = sums.iter().map(|sum| sum * sum / count).sum();
    (squares - of_mean) / (count * input.max(1) as f64)
}

struct Scorer<'a> {
    sample: &'a Sample,
    device: &'a Device,
    start: Instant,
}

impl Scorer<'_> {
    /// The score of a reading with these answers; `None` if the time is over or the images can't be compared.
    async fn score(
        &self,
        candidate: &dyn Reading,
        answers: &Answers,
    ) -> Result<Option<Score>, RequestError> {
        if self.start.elapsed() > MAX_TIME {
            return Ok(None);
        }
        // An answer to another reading's question does not end the comparison.
        let Ok(recognized) = candidate.apply(answers) else {
            return Ok(None);
        };
        score(&recognized, self.sample, self.device).await
    }

    /// Values of an image.
    fn input(&self, candidate: &dyn Reading) -> usize {
        let model = candidate.apply(&Answers::new());
        model.map_or(1, |model| model.config.input_size)
    }

    /// Scores the choices of a subject, and takes the best unless an answer was given.
    async fn decide(
        &self,
        candidate: &dyn Reading,
        given: &Answers,
        subject: QuestionId,
        comparison: &mut Comparison,
    ) -> Result<(), RequestError> {
        let Some(question) = candidate.question(subject) else {
            return Ok(());
        };
        let mut scores = Vec::new();
        for choice in &question.choices {
            let mut answers = comparison.answers.clone();
            answers.insert(subject, choice.value.clone());
            if subject == QuestionId::Output {
                answers = with_implied(&answers);
            }
            let score = self.score(candidate, &answers).await?;
            scores.push(score.map(|score| score.neg_elbo));
            if let (Some(new), Some(old)) = (score, comparison.score)
                && !given.contains_key(&subject)
                && new.squared_error < error_of_mean_image(self.sample, self.input(candidate))
                && is_better(subject, question.doubt.is_some(), new, old)
            {
                (comparison.answers, comparison.score) = (answers, score);
            }
        }
        if scores.iter().any(Option::is_some) {
            comparison.choices.insert(subject, scores);
        }
        Ok(())
    }
}

/// Whether images speak clearly for an answer: both −ELBO and the reconstructions are better. Images of another kind than
/// the model was trained on have a −ELBO that says little. Where names leave no doubt, they must speak more clearly.
fn is_better(subject: QuestionId, doubted: bool, new: Score, old: Score) -> bool {
    match subject {
        // −ELBO under different likelihoods can't be compared.
        QuestionId::Output => new.squared_error < 0.8 * old.squared_error,
        // The reconstruction at z = μ does not depend on it.
        QuestionId::Head => doubted && new.neg_elbo < old.neg_elbo - 0.05 * old.neg_elbo.abs(),
        _ if doubted => {
            new.neg_elbo < old.neg_elbo - 0.002 * old.neg_elbo.abs()
                && new.squared_error < old.squared_error
        }
        _ => {
            new.neg_elbo < old.neg_elbo - 0.1 * old.neg_elbo.abs()
                && new.squared_error < old.squared_error
        }
    }
}

/// Scores a model; `None` if it has no encoder, takes images of another size, or gives no finite number.
///
/// # Errors
/// When the model is invalid, or the device fails.
async fn score(
    recognized: &Recognized,
    sample: &Sample,
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
    let (images, labels) = (&sample.images, &sample.labels);
    let evaluation = evaluate(&model, images, labels, SAMPLES, SEED, device)
        .await
        .map_err(RequestError::backend_lost)?;
    let score = Score {
        neg_elbo: evaluation.elbo.neg_elbo(),
        squared_error: squared_error(&model, sample, device).await?,
    };
    let finite = score.neg_elbo.is_finite() && score.squared_error.is_finite();
    Ok(finite.then_some(score))
}

async fn squared_error(model: &Vae, sample: &Sample, device: &Device) -> Result<f64, RequestError> {
    let input = model.input_size();
    let count = sample.images.len() / input;
    let data = TensorData::new(sample.images.clone(), [count, input]);
    let x = Tensor::<2>::from_data(data, device);
    let condition = Condition::of_labels(&sample.labels, model.classes(), device);
    let z = model.encoder.forward(x.clone(), &condition).mu;
    let error = (model.decode(z, &condition) - x).square().mean();
    let data = error
        .into_data_async()
        .await
        .map_err(RequestError::backend_lost)?;
    Ok(data.iter::<f64>().next().unwrap_or(f64::NAN))
}
