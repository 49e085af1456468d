//! A question: the reader commits, then the engine computes the answer.

use crate::dom;
use crate::features::latent_map::viewport::Viewport;
use crate::features::learn::figures::plane_square::{Phase, PlaneSquare, to_svg};
use crate::features::learn::live_html::LiveHtml;
use crate::features::learn::measures::{Correct, Given, measure};
use crate::features::learn::place::Place;
use crate::features::learn::probe::Probe;
use crate::features::learn::state::LearnState;
use crate::number::{format::fixed, parse::parse};
use crate::state::notices::Notices;
use crate::ui::button::{Button, ButtonKind};
use course::{Answer, Question};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The result of a check.
#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    Right {
        /// The measured numbers, as a sentence.
        shown: String,
    },
    Wrong {
        /// Why, for a number.
        remark: String,
    },
    Failed(String),
}

/// The question with its answers and the verdict.
#[component]
pub(crate) fn QuestionCard(
    /// The question.
    question: Question,
) -> impl IntoView {
    let probe = Probe::new();
    let state = expect_context::<LearnState>();
    let given = RwSignal::new(None::<Given>);
    let verdict = RwSignal::new(None::<Verdict>);
    let busy = RwSignal::new(false);
    let id = StoredValue::new(question.id.clone());
    let was_correct = state
        .progress
        .with_untracked(|progress| progress.is_correct(&question.id));
    // A verdict belongs to an answer, an image and a model.
    Effect::new(move |_| {
        given.track();
        probe.view.encoded.track();
        probe.view.generation.track();
        verdict.set(None);
    });
    // The engine's answer is about the chosen image under the current model, so both must be there.
    let ready = Memo::new(move |_| {
        let view = probe.view;
        let model = view
            .model
            .with(|model| model.as_ref().map(|model| model.name.clone()));
        let encoded = view
            .encoded
            .with(|encoded| encoded.as_ref().map(|encoded| encoded.model.clone()));
        let has_image = state.image.with(Option::is_some);
        model.is_some() && view.loading.with(Option::is_none) && (!has_image || encoded == model)
    });
    let answer = StoredValue::new(question.answer.clone());
    let measure_name = StoredValue::new(question.measure.clone());
    let check = move |_| {
        let Some(answered) = given.get_untracked() else {
            return;
        };
        busy.set(true);
        verdict.set(None);
        let seed = state.seed.get_untracked();
        spawn_local(async move {
            let name = measure_name.get_value();
            let measured = measure(&name, answered, probe, seed).await;
            // Another answer was chosen, or the screen was closed.
            if given.try_get_untracked() != Some(Some(answered)) {
                busy.try_set(false);
                return;
            }
            let result = match measured {
                Err(error) => Verdict::Failed(error),
                Ok(measured) => {
                    let (is_right, remark) =
                        answer.with_value(|answer| judge(answer, answered, measured.correct));
                    id.with_value(|id| {
                        state
                            .progress
                            .update(|progress| progress.answer(id, is_right));
                    });
                    match is_right {
                        true => Verdict::Right {
                            shown: measured.shown,
                        },
                        false => Verdict::Wrong { remark },
                    }
                }
            };
            busy.set(false);
            verdict.set(Some(result));
        });
    };
    let (hint, reason) = (question.hint.clone(), question.reason.clone());
    let shown_verdict = move || {
        let (class, title, text, html) = match verdict.get()? {
            Verdict::Right { shown } => ("right", "Correct.", shown, reason.clone()),
            Verdict::Wrong { remark } => ("wrong", "Not yet.", remark, hint.clone()),
            Verdict::Failed(error) => ("failed", "Not answered.", error, String::new()),
        };
        Some(view! {
            <div class=format!("verdict {class}") data-verdict=class>
                <b>{title}</b>
                " "
                {text}
                <LiveHtml html class="verdict-text" />
            </div>
        })
    };
    let is_right = move || matches!(verdict.get(), Some(Verdict::Right { .. }));
    let answers = match question.answer {
        Answer::Choice(options) => {
            view! { <Choices options given id=question.id.clone() /> }.into_any()
        }
        Answer::Number { unit, .. } => view! { <NumberAnswer unit given /> }.into_any(),
        Answer::Place => view! { <PlaceAnswer given /> }.into_any(),
    };
    view! {
        <section
            class="question"
            class:hides-posterior=move || question.measure == "place_of_posterior" && !is_right()
            data-testid="learn-question"
            data-question=question.id.clone()
            id=format!("question-{}", question.id)
            aria-label="Question"
        >
            <div class="question-head">
                <b>"Predict"</b>
                {was_correct.then(|| view! { <span class="answered">"answered before"</span> })}
                <LinkToQuestion id />
            </div>
            <LiveHtml html=question.html class="prose" />
            {answers}
            <div class="card-buttons">
                <Button
                    kind=ButtonKind::Primary
                    test_id="learn-check"
                    disabled=move || busy.get() || !ready.get() || given.with(Option::is_none)
                    on_click=check
                >
                    {move || if busy.get() { "Computing…" } else { "Check" }}
                </Button>
            </div>
            <div role="status" data-testid="learn-verdict">{shown_verdict}</div>
        </section>
    }
}

/// Whether the answer is right, and a remark on a wrong number.
fn judge(answer: &Answer, given: Given, correct: Correct) -> (bool, String) {
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
        _ => (false, String::new()),
    }
}

#[component]
fn Choices(options: Vec<String>, given: RwSignal<Option<Given>>, id: String) -> impl IntoView {
    let options = options.into_iter().enumerate().map(|(index, html)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=id.clone()
                    data-testid=format!("learn-answer-{index}")
                    prop:checked=move || given.get() == Some(Given::Choice(index))
                    on:change=move |_| given.set(Some(Given::Choice(index)))
                />
                <span inner_html=html></span>
            </label>
        }
    });
    view! {
        <div class="choices" role="radiogroup" aria-label="Answers">
            {options.collect_view()}
        </div>
    }
}

#[component]
fn NumberAnswer(unit: String, given: RwSignal<Option<Given>>) -> impl IntoView {
    let problem = RwSignal::new(false);
    let on_input = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        let number = parse(&text).ok().map(f64::from);
        problem.set(number.is_none() && !text.trim().is_empty());
        given.set(number.map(Given::Number));
    };
    view! {
        <label class="number-answer">
            "Your answer "
            <input
                type="text"
                inputmode="decimal"
                autocomplete="off"
                data-testid="learn-answer-0"
                aria-invalid=move || problem.get().to_string()
                on:input=on_input
            />
            " "
            {unit}
            <span class="problem" role="status">
                {move || problem.get().then_some("type a number, like 0.5 or −1.25")}
            </span>
        </label>
    }
}

#[component]
fn PlaceAnswer(given: RwSignal<Option<Given>>) -> impl IntoView {
    let view = RwSignal::new(Viewport::HOME);
    let at = move || match given.get() {
        Some(Given::Place(at)) => Some(at),
        _ => None,
    };
    let label = move || match at() {
        Some([x, y]) => format!(
            "Your place: {}, {}. Arrow keys move it.",
            fixed(x, 2),
            fixed(y, 2)
        ),
        None => "The latent plane: click your answer, or press an arrow key to begin in the middle"
            .to_owned(),
    };
    let on_pointer = move |(phase, at): (Phase, [f64; 2])| {
        if phase != Phase::Up {
            given.set(Some(Given::Place(at)));
        }
    };
    let on_nudge = move |by: [f64; 2]| {
        given.update(|given| {
            let [x, y] = match given {
                Some(Given::Place(at)) => *at,
                _ => [0.0; 2],
            };
            *given = Some(Given::Place(
                [x + by[0], y + by[1]].map(|value| value.clamp(-3.0, 3.0)),
            ));
        });
    };
    let mark = move || {
        let [x, y] = to_svg(&view.get(), at()?);
        Some(view! { <circle class="guess-centre" cx=x.to_string() cy=y.to_string() r="0.14" /> })
    };
    view! {
        <div class="place-answer">
            <PlaneSquare
                test_id="learn-answer-0"
                label=label
                view
                on_pointer=Callback::new(on_pointer)
                on_nudge=Callback::new(on_nudge)
            >
                <g>{mark}</g>
            </PlaneSquare>
        </div>
    }
}

/// Copies a link to the question, with image and model.
#[component]
fn LinkToQuestion(id: StoredValue<String>) -> impl IntoView {
    let state = expect_context::<LearnState>();
    let notices = expect_context::<Notices>();
    let copy = move |_| {
        let Some(place) = state.place.get_untracked() else {
            return;
        };
        let place = Place {
            question: Some(id.get_value()),
            ..place
        };
        let Some(link) = link_to(&place) else { return };
        spawn_local(async move {
            if dom::copy_text(&link).await.is_some() {
                notices.show_briefly("Link to this question copied.");
            } else {
                notices.show(format!("Copy this link: {link}"));
            }
        });
    };
    view! {
        <Button kind=ButtonKind::Quiet test_id="learn-link" title="Copy a link to this question" on_click=copy>
            "Link"
        </Button>
    }
}

/// The page's address with another place.
fn link_to(place: &Place) -> Option<String> {
    let href = web_sys::window()?.location().href().ok()?;
    let url = web_sys::Url::new(&href).ok()?;
    url.search_params().set("tab", "learn");
    url.search_params().set("learn", &place.to_string());
    Some(url.href())
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
