//! A question: the reader commits, then the engine computes the answer.

use crate::dom;
use crate::features::learn::answer::{AnswerInput, judge::judge};
use crate::features::learn::live_html::LiveHtml;
use crate::features::learn::measures::{Correct, Given, Measured, measure};
use crate::features::learn::place::Place;
use crate::features::learn::probe::Probe;
use crate::features::learn::state::LearnState;
use crate::state::notices::Notices;
use crate::ui::button::{Button, ButtonKind};
use course::Question;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The result of a check.
#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    Right(Measured),
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
    // A curve is found in several tries, and takes longer to measure than other answers.
    let measured_curve = StoredValue::new(None::<Measured>);
    // A measurement belongs to an image, a model and a seed, a verdict also to an answer.
    Effect::new(move |_| {
        probe.view.encoded.track();
        probe.view.generation.track();
        state.seed.track();
        measured_curve.set_value(None);
        verdict.set(None);
    });
    Effect::new(move |_| {
        given.track();
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
            let measured = match measured_curve.try_get_value().flatten() {
                Some(measured) => Ok(measured),
                None => measure(&name, answered, probe, seed).await,
            };
            // Another answer was chosen, or the screen was closed.
            if given.try_get_untracked() != Some(Some(answered)) {
                busy.try_set(false);
                return;
            }
            let result = match measured {
                Err(error) => Verdict::Failed(error),
                Ok(measured) => {
                    if matches!(measured.correct, Correct::Curve(_)) {
                        measured_curve.set_value(Some(measured.clone()));
                    }
                    let (is_right, remark) =
                        answer.with_value(|answer| judge(answer, answered, measured.correct));
                    id.with_value(|id| {
                        state
                            .progress
                            .update(|progress| progress.answer(id, is_right));
                    });
                    match is_right {
                        true => Verdict::Right(measured),
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
            Verdict::Right(measured) => ("right", "Correct.", measured.shown, reason.clone()),
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
    let is_right = move || matches!(verdict.get(), Some(Verdict::Right(_)));
    let correct = Memo::new(move |_| match verdict.get() {
        Some(Verdict::Right(measured)) => Some(measured.correct),
        _ => None,
    });
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
            <AnswerInput answer=question.answer given correct id=question.id.clone() />
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
                notices.show_link("Copy this link.", link);
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
