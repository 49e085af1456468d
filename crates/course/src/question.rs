//! A question that the engine answers for the reader's image and model.

use serde::{Deserialize, Serialize};

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Unique in the course; links and progress contain it.
    pub id: String,
    /// The prompt.
    pub html: String,
    /// What the reader commits to.
    pub answer: Answer,
    /// The name of the page's measurement that gives the correct answer.
    pub measure: String,
    /// What to look at after a wrong answer.
    pub hint: String,
    /// Why the correct answer is correct.
    pub reason: String,
}

/// The kind of answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// One of several options, as HTML. The measurement gives the index of the correct one.
    Choice(Vec<String>),
    /// A number. The measurement gives the correct one.
    Number {
        /// Its unit; empty for none.
        unit: String,
        /// The accepted difference, in that unit.
        tolerance: f64,
        /// The accepted difference, relative to the correct number.
        relative: f64,
    },
    /// A point of the latent plane. The measurement decides.
    Place,
}

impl Answer {
    /// Whether a number is close enough to the correct one. Always false for other kinds of answers.
    pub fn accepts(&self, given: f64, correct: f64) -> bool {
        match self {
            Self::Number {
                tolerance,
                relative,
                ..
            } => (given - correct).abs() <= tolerance.max(relative * correct.abs()),
            Self::Choice(_) | Self::Place => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answer_accepts_numbers_within_either_tolerance() {
        let answer = Answer::Number {
            unit: String::new(),
            tolerance: 0.1,
            relative: 0.05,
        };
        assert!(answer.accepts(1.09, 1.0) && !answer.accepts(1.2, 1.0));
        assert!(answer.accepts(104.0, 100.0) && !answer.accepts(106.0, 100.0));
        assert!(!answer.accepts(f64::NAN, 1.0));
        assert!(!Answer::Place.accepts(1.0, 1.0));
    }
}
