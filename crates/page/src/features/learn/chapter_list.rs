//! The list of chapters with the reader's progress.

use crate::features::learn::place::Place;
use crate::features::learn::progress::{Count, Progress};
use crate::features::learn::state::LearnState;
use crate::ui::button::{Button, ButtonKind};
use course::Outline;
use leptos::prelude::*;
use std::sync::Arc;

/// The list.
#[component]
pub(crate) fn ChapterList(
    /// All chapters.
    outlines: Arc<Vec<Outline>>,
) -> impl IntoView {
    let state = expect_context::<LearnState>();
    let all = outlines.clone();
    let total = Memo::new(move |_| {
        state.progress.with(|progress| {
            all.iter()
                .map(|chapter| progress.count(chapter))
                .fold(Count::default(), Count::plus)
        })
    });
    let minutes: usize = outlines.iter().map(|chapter| chapter.minutes).sum();
    let last = Memo::new(move |_| state.progress.with(Progress::last));
    let titles = outlines.clone();
    let resume = move || {
        let place = last.get()?;
        let title = titles.get(place.chapter.checked_sub(1)?)?.title.clone();
        let go = place.clone();
        Some(view! {
            <Button kind=ButtonKind::Primary test_id="learn-resume" on_click=move |_| state.go(go.clone())>
                {format!("Continue with chapter {}: {title}", place.chapter)}
            </Button>
        })
    };
    let rows = outlines
        .iter()
        .cloned()
        .map(|chapter| view! { <Row chapter /> })
        .collect_view();
    view! {
        <div class="learn-list">
            <h3>"Notes on Variational Autoencoders, live"</h3>
            <p class="learn-intro">
                "A course after David Meyer’s notes: all their equations and figures, with a running model. Predict, then let \
                 the model answer for an image of your choice. You need one course of probability and about "
                {minutes} " minutes, or ten visits."
            </p>
            <p class="learn-total" data-testid="learn-progress">{move || progress_text(total.get())}</p>
            {resume}
            <ol class="chapters">{rows}</ol>
            <p class="hint">"Your progress stays in this browser. “Delete all stored data” on the Train panel deletes it, too."</p>
        </div>
    }
}

/// Progress in words.
pub(crate) fn progress_text(count: Count) -> String {
    format!(
        "{} of {} questions answered, {} of {} screens seen",
        count.correct, count.questions, count.seen, count.screens
    )
}

/// A chapter of the list.
#[component]
fn Row(chapter: Outline) -> impl IntoView {
    let state = expect_context::<LearnState>();
    let number = chapter.number;
    let counted = chapter.clone();
    let count = Memo::new(move |_| state.progress.with(|progress| progress.count(&counted)));
    let status = move || {
        let count = count.get();
        if count.is_complete() {
            "complete".to_owned()
        } else if count.seen > 0 {
            format!("{} of {} questions", count.correct, count.questions)
        } else {
            format!("{} min", chapter.minutes)
        }
    };
    view! {
        <li>
            <button
                type="button"
                class="chapter-row"
                class:complete=move || count.get().is_complete()
                data-testid=format!("learn-chapter-{number}")
                on:click=move |_| state.go(Place::new(number, 1))
            >
                <span class="chapter-number" aria-hidden="true">{number}</span>
                <span class="chapter-title">{chapter.title}</span>
                <span class="chapter-status">{status}</span>
                <span class="chapter-idea">{chapter.idea}</span>
            </button>
        </li>
    }
}
