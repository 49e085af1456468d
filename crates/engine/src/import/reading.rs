//! A way to read a file as a VAE.

use super::recognized::{self, Recognized};
use onnx::OnnxModel;
use protocol::RequestError;
use recognition::{Answers, Candidate, Question, QuestionId};

/// A way to read a file: a candidate of a state dict, or a graph.
pub(super) trait Reading {
    /// How well names and order agree with it, from 0 to 1.
    fn score(&self) -> f64;

    /// What the file does not tell.
    fn questions(&self) -> &[Question];

    /// The model, given answers; without an answer the suggestion holds.
    ///
    /// # Errors
    /// When an answer is no choice, or a value is not finite.
    fn apply(&self, answers: &Answers) -> Result<Recognized, RequestError>;

    /// The question about this subject, if it is open.
    fn question(&self, id: QuestionId) -> Option<&Question> {
        self.questions().iter().find(|question| question.id == id)
    }
}

impl Reading for Candidate {
    fn score(&self) -> f64 {
        self.score
    }

    fn questions(&self) -> &[Question] {
        &self.questions
    }

    fn apply(&self, answers: &Answers) -> Result<Recognized, RequestError> {
        recognized::apply(self, answers)
    }
}

impl Reading for OnnxModel {
    fn score(&self) -> f64 {
        1.0
    }

    fn questions(&self) -> &[Question] {
        &self.questions
    }

    fn apply(&self, answers: &Answers) -> Result<Recognized, RequestError> {
        let model = self.apply(answers).map_err(RequestError::bad_model)?;
        Ok(Recognized::of(model))
    }
}
