//! How readers answer a question, and whether they are right.

mod choice;
mod curve;
pub(crate) mod judge;
mod number;
mod place;

use super::measures::{Correct, Given};
use choice::Choices;
use course::Answer;
use curve::CurveAnswer;
use leptos::prelude::*;
use number::NumberAnswer;
use place::PlaceAnswer;

/// The control for this kind of answer.
#[component]
pub(crate) fn AnswerInput(
    /// The kind.
    answer: Answer,
    /// What the reader has answered.
    given: RwSignal<Option<Given>>,
    /// The correct answer, once the reader has found it.
    #[prop(into)]
    correct: Signal<Option<Correct>>,
    /// Unique on the page.
    id: String,
) -> impl IntoView {
    match answer {
        Answer::Choice(options) => view! { <Choices options given id /> }.into_any(),
        Answer::Number { unit, .. } => view! { <NumberAnswer unit given /> }.into_any(),
        Answer::Place => view! { <PlaceAnswer given /> }.into_any(),
        Answer::Curve {
            across,
            ticks,
            up,
            range,
            ..
        } => view! { <CurveAnswer across ticks up range given correct /> }.into_any(),
    }
}
