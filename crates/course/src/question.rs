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
    /// A curve over [`CURVE_POINTS`] places. The measurement gives the correct one.
    Curve {
        /// What the horizontal axis shows.
        across: String,
        /// The names of the places, from left to right.
        ticks: Vec<String>,
        /// What the vertical axis shows, with its unit.
        up: String,
        /// The lowest and highest value of the vertical axis.
        range: [f64; 2],
        /// The accepted root mean square difference, in the unit of the vertical axis.
        tolerance: f64,
    },
}

/// The number of values of a curve.
pub const CURVE_POINTS: usize = 9;

impl Answer {
    /// Whether a number is close enough to the correct one. Always false for other kinds of answers.
    pub fn accepts(&self, given: f64, correct: f64) -> bool {
        match self {
            Self::Number {
                tolerance,
                relative,
                ..
            } => (given - correct).abs() <= tolerance.max(relative * correct.abs()),
            Self::Choice(_) | Self::Place | Self::Curve { .. } => false,
        }
    }

    /// Whether a curve is close enough to the correct one. Correct values outside the vertical axis count as its ends,
    /// because they cannot be drawn. Always false for other kinds of answers.
    pub fn accepts_curve(
        &self,
        given: &[f64; CURVE_POINTS],
        correct: &[f64; CURVE_POINTS],
    ) -> bool {
        let Self::Curve {
            range: [low, high],
            tolerance,
            ..
        } = self
        else {
            return false;
        };
        let squares = given
            .iter()
            .zip(correct)
            .map(|(given, correct)| (given - correct.clamp(*low, *high)).powi(2));
        (squares.sum::<f64>() / CURVE_POINTS as f64).sqrt() <= *tolerance
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

    #[test]
    fn answer_accepts_curves_within_the_root_mean_square_tolerance() {
        let answer = Answer::Curve {
            across: String::new(),
            ticks: Vec::new(),
            up: String::new(),
            range: [0.0, 10.0],
            tolerance: 1.0,
        };
        let correct = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 80.0];
        let drawn = correct.map(|value: f64| value.min(10.0) - 0.9);
        assert!(answer.accepts_curve(&drawn, &correct));
        let drawn = correct.map(|value: f64| value.min(10.0) - 1.1);
        assert!(!answer.accepts_curve(&drawn, &correct));
        assert!(!answer.accepts_curve(&[f64::NAN; CURVE_POINTS], &correct));
        assert!(!Answer::Place.accepts_curve(&correct, &correct));
    }
}
