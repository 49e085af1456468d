//! What a file cannot tell, and the choices.

use crate::RecognitionError;
use std::collections::BTreeMap;

/// The answers to questions, by their ids; for others the suggestion holds.
pub type Answers = BTreeMap<QuestionId, String>;

/// The answers with those that follow from them: a tanh gives pixels from −1 to 1, so they were so in training.
pub fn with_implied(answers: &Answers) -> Answers {
    let mut answers = answers.clone();
    let is_tanh = answers
        .get(&QuestionId::Output)
        .is_some_and(|output| output == "tanh");
    if is_tanh {
        answers
            .entry(QuestionId::Range)
            .or_insert_with(|| "-1-1".to_owned());
    }
    answers
}

/// A question's subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum QuestionId {
    /// The nonlinearity after hidden layers.
    Activation,
    /// What the second head computes.
    Head,
    /// Which head, or which half of a joint head, is μ.
    Mean,
    /// What the decoder's last layer is followed by.
    Output,
    /// How the model's pixels are scaled.
    Range,
    /// The shape of an image.
    Shape,
    /// Whether the label comes after image and z, or before.
    Label,
    /// Strides, paddings and upsampling.
    Geometry,
    /// Whether the activation follows the layer that is arranged as the first feature map of the decoder.
    InnerActivation,
    /// The nonlinearity after the decoder's hidden layers, if it is another one.
    DecoderActivation,
    /// The number of groups of group normalizations.
    Groups,
}

impl QuestionId {
    /// All subjects.
    pub const ALL: [Self; 11] = [
        Self::Activation,
        Self::Head,
        Self::Mean,
        Self::Output,
        Self::Range,
        Self::Shape,
        Self::Label,
        Self::Geometry,
        Self::InnerActivation,
        Self::DecoderActivation,
        Self::Groups,
    ];

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Head => "head",
            Self::Mean => "mean",
            Self::Output => "output",
            Self::Range => "range",
            Self::Shape => "shape",
            Self::Label => "label",
            Self::Geometry => "geometry",
            Self::InnerActivation => "inner-activation",
            Self::DecoderActivation => "decoder-activation",
            Self::Groups => "groups",
        }
    }

    /// The subject with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|id| id.name() == name)
    }
}

/// A question about a candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The subject.
    pub id: QuestionId,
    /// The choices; the suggested one is first.
    pub choices: Vec<Choice>,
    /// Why the suggestion may be wrong; `None` if names or shapes settle it, or it is almost always right.
    pub doubt: Option<String>,
}

/// An answer to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its value in [`Answers`].
    pub value: String,
    /// What it means.
    pub meaning: String,
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            meaning: meaning.into(),
        }
    }
}

impl Question {
    /// The answer's index among the choices; 0, the suggestion, without an answer.
    ///
    /// # Errors
    /// [`RecognitionError::Answer`].
    pub(crate) fn answered(&self, answers: &Answers) -> Result<usize, RecognitionError> {
        let Some(answer) = answers.get(&self.id) else {
            return Ok(0);
        };
        let found = self
            .choices
            .iter()
            .position(|choice| choice.value == *answer);
        found.ok_or_else(|| RecognitionError::Answer {
            question: self.id.name(),
            answer: answer.clone(),
        })
    }
}
