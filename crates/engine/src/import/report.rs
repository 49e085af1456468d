//! Readings and questions as the page receives them.

use super::scoring::Comparison;
use protocol::{ImportChoice, ImportLayer, ImportQuestion, ImportReading};
use recognition::{Candidate, LayerDescription, Question};

/// The questions about a reading, with the answers that its model was made with.
pub(super) fn questions(questions: &[Question], comparison: &Comparison) -> Vec<ImportQuestion> {
    let question = |question: &Question| {
        let scores = comparison.choices.get(&question.id);
        let answer = comparison.answers.get(&question.id);
        let chosen = question
            .choices
            .iter()
            .position(|choice| Some(&choice.value) == answer);
        let choices = question.choices.iter().enumerate();
        ImportQuestion {
            id: question.id.name().to_owned(),
            choices: choices
                .map(|(at, choice)| ImportChoice {
                    value: choice.value.clone(),
                    meaning: choice.meaning.clone(),
                    neg_elbo: scores.and_then(|scores| *scores.get(at)?),
                })
                .collect(),
            chosen: chosen.unwrap_or(0),
            doubt: question.doubt.clone(),
        }
    };
    questions.iter().map(question).collect()
}

/// The chosen answers as a sentence, for the card.
pub(super) fn choices(questions: &[ImportQuestion]) -> String {
    let meanings: Vec<_> = questions
        .iter()
        .filter_map(|question| question.choices.get(question.chosen))
        .map(|choice| choice.meaning.as_str())
        .collect();
    meanings.join("; ")
}

/// The readings, with −ELBO of those that were compared.
pub(super) fn readings(candidates: &[Candidate], scores: &[Option<f64>]) -> Vec<ImportReading> {
    let reading = |(at, candidate): (usize, &Candidate)| ImportReading {
        score: candidate.score,
        reasons: candidate.reasons.clone(),
        layers: layers(&candidate.description),
        neg_elbo: scores.get(at).copied().flatten(),
    };
    candidates.iter().enumerate().map(reading).collect()
}

/// Layers as the page receives them.
pub(super) fn layers(description: &[LayerDescription]) -> Vec<ImportLayer> {
    let layer = |layer: &LayerDescription| ImportLayer {
        role: layer.role.to_owned(),
        name: layer.name.clone(),
        text: layer.text.clone(),
    };
    description.iter().map(layer).collect()
}
