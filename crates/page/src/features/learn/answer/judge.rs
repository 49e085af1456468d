//! Compares an answer with the correct one.

use crate::features::learn::measures::{Correct, Given};
use crate::number::format::fixed;
use course::Answer;

/// Whether the answer is right, and a remark on a wrong number.
pub(crate) fn judge(answer: &Answer, given: Given, correct: Correct) -> (bool, String) {
    match (given, correct) {
        (Given::Choice(given), Correct::Choice(correct)) => (given == correct, String::new()),
        (Given::Number(given), Correct::Number(correct)) => {
            let remark = if given > correct {
                "too large"
            } else {
                "too small"
            };
            (
                answer.accepts(given, correct),
                format!("{} is {remark}.", fixed(given, 2)),
            )
        }
        (Given::Place(_), Correct::Place(is_right)) => (is_right, String::new()),
        (Given::Curve(given), Correct::Curve(correct)) => (
            answer.accepts_curve(&given, &correct),
            worst_place(answer, &given, &correct),
        ),
        _ => (false, String::new()),
    }
}

/// Where a drawn curve differs most from the correct one, as a sentence.
fn worst_place(answer: &Answer, given: &[f64], correct: &[f64]) -> String {
    let Answer::Curve {
        ticks,
        range: [low, high],
        ..
    } = answer
    else {
        return String::new();
    };
    let differences = given
        .iter()
        .zip(correct)
        .map(|(given, correct)| given - correct.clamp(*low, *high));
    let worst = differences
        .zip(ticks)
        .max_by(|(a, _), (b, _)| a.abs().total_cmp(&b.abs()));
    worst.map_or_else(String::new, |(difference, tick)| {
        let side = if difference > 0.0 { "high" } else { "low" };
        format!("Your curve is too {side} at {tick}, where it differs most.")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use course::CURVE_POINTS;

    #[test]
    fn judge_compares_answers_of_the_same_kind() {
        let number = Answer::Number {
            unit: String::new(),
            tolerance: 0.1,
            relative: 0.0,
        };
        let judged = judge(&number, Given::Number(3.0), Correct::Number(2.0));
        assert_eq!(judged, (false, "3.00 is too large.".to_owned()));
        assert!(judge(&number, Given::Number(2.05), Correct::Number(2.0)).0);
        assert!(judge(&Answer::Place, Given::Place([0.0; 2]), Correct::Place(true)).0);
        let choice = Answer::Choice(Vec::new());
        assert!(judge(&choice, Given::Choice(1), Correct::Choice(1)).0);
        assert!(!judge(&choice, Given::Choice(1), Correct::Choice(0)).0);
        assert!(!judge(&choice, Given::Choice(1), Correct::Number(1.0)).0);
    }

    #[test]
    fn judge_names_the_place_where_a_curve_differs_most() {
        let answer = Answer::Curve {
            across: String::new(),
            ticks: ('a'..='i').map(String::from).collect(),
            up: String::new(),
            range: [0.0, 10.0],
            tolerance: 1.0,
        };
        let correct = [5.0; CURVE_POINTS];
        let mut given = correct;
        given[2] = 0.0;
        given[3] = 6.0;
        let judged = judge(&answer, Given::Curve(given), Correct::Curve(correct));
        let text = "Your curve is too low at c, where it differs most.";
        assert_eq!(judged, (false, text.to_owned()));
        // A correct value above the axis counts as its end.
        let judged = judge(
            &answer,
            Given::Curve([10.0; CURVE_POINTS]),
            Correct::Curve([99.0; CURVE_POINTS]),
        );
        assert!(judged.0);
    }
}
