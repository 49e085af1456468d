//! Copies of the weights in one file, such as a moving average: which of them to use.

use checkpoints::{CheckpointError, StateDict};
use protocol::{ImportChoice, ImportOptions, ImportQuestion, RequestError};

/// The id of the question.
pub(super) const QUESTION: &str = "weights";

/// The index of the chosen state dict; the first without an answer.
///
/// # Errors
/// When there is none, or the answer names none.
pub(super) fn chosen(dicts: &[StateDict], options: &ImportOptions) -> Result<usize, RequestError> {
    if dicts.is_empty() {
        return Err(RequestError::bad_model(CheckpointError::Empty));
    }
    let answer = options.answers.iter().find(|(id, _)| id == QUESTION);
    let Some((_, key)) = answer else {
        return Ok(0);
    };
    let found = dicts.iter().position(|dict| dict.key == *key);
    found.ok_or_else(|| RequestError::bad_request(format!("the file has no weights \"{key}\"")))
}

/// Asks which of several state dicts to use.
pub(super) fn question(dicts: &[StateDict], chosen: usize) -> Option<ImportQuestion> {
    let choice = |dict: &StateDict| ImportChoice {
        value: dict.key.clone(),
        meaning: dict.key.clone(),
        neg_elbo: None,
    };
    (dicts.len() > 1).then(|| ImportQuestion {
        id: QUESTION.to_owned(),
        choices: dicts.iter().map(choice).collect(),
        chosen,
        doubt: Some(
            "the file has the weights of the last step and an average over steps; both are models"
                .to_owned(),
        ),
    })
}
