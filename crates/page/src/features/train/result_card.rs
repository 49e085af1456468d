//! What a run has left, once it has ended: its model, and what can be done with it.

use crate::dom::focus;
use crate::features::train::actions::TrainActions;
use crate::features::user_model::model_actions::{ModelActionIds, ModelActions};
use crate::number::format::{fixed, nats_with_error};
use crate::state::actions::Actions;
use crate::state::model_card::CardTest;
use crate::state::run_end::RunEnd;
use crate::state::training::TrainingView;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

const IDS: ModelActionIds = ModelActionIds {
    rename: "result-rename",
    download: "result-download",
    delete: "result-delete",
};

/// The card. There is none while a run is in progress, and none if its model was deleted.
#[component]
pub(crate) fn ResultCard(
    /// Opens the panel that explores the current model.
    on_explore: Callback<()>,
    /// Opens the panel about log p(x) under the current model.
    on_evidence: Callback<()>,
    /// Scrolls to the card.
    scroll_here: Callback<()>,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<TrainingView>();
    let saved_name = Memo::new(move |_| {
        view.end()?;
        let name = view
            .saved
            .with(|saved| saved.as_ref().map(|saved| saved.name.clone()))?;
        let catalog = actions.catalog();
        catalog
            .find(&name)
            .is_some_and(|entry| entry.is_user_model)
            .then_some(name)
    });
    let is_shown = Memo::new(move |_| saved_name.with(Option::is_some));
    // Whoever stops a run may have scrolled far below.
    Effect::new(move |was_shown: Option<bool>| {
        let is_shown = is_shown.get();
        if is_shown && was_shown == Some(false) && view.stopped.get_untracked() {
            scroll_here.run(());
        }
        is_shown
    });
    let name = Memo::new(move |_| saved_name.get().unwrap_or_default());
    let loss = Memo::new(move |_| {
        let test = view
            .saved
            .with(|saved| saved.as_ref().and_then(|saved| saved.test.clone()));
        match (test, view.latest_neg_elbo()) {
            (Some(test), _) => Some(describe_test(&test)),
            (None, Some((nats, source))) => {
                Some(format!("{} nats {}", fixed(nats, 2), source.name()))
            }
            (None, None) => None,
        }
    });
    let end = move || {
        let is_early = view.end().is_some_and(|end| end != RunEnd::Complete);
        is_early.then(|| format!(" · {}, step {}", view.progress_text(), view.step()))
    };
    let train = expect_context::<TrainActions>();
    let can_continue = Memo::new(move |_| {
        view.end() == Some(RunEnd::Stopped) && view.checkpoint.with(Option::is_some)
    });
    let resume = move |event: ev::MouseEvent| {
        // The card disappears while the run is in progress.
        let button = event.target().and_then(|target| target.dyn_into().ok());
        let home = button.and_then(|button| focus::home_of(&button));
        train.resume_interrupted();
        focus::restore_if_lost(move || home);
    };
    // Another model may be current by now.
    let select = move || {
        let name = name.get_untracked();
        if untrack(|| actions.model()) != name {
            actions.select_model(&name);
        }
    };
    view! {
        <Show when=move || is_shown.get()>
            <section class="result-card" aria-label="Result of the training" data-testid="train-result">
                <p class="result-text">
                    "Saved as “" <b data-testid="result-name">{move || name.get()}</b> "”"
                    {move || {
                        loss.get()
                            .map(|loss| {
                                view! {
                                    " · "
                                    <Tooltip text=glossary::TESTED_NEGATIVE_ELBO>"−ELBO"</Tooltip>
                                    " "
                                    <span data-testid="result-loss">{loss}</span>
                                }
                            })
                    }}
                    <span class="figures-note">{end}</span>
                </p>
                <div class="result-actions">
                    <Button
                        kind=ButtonKind::Primary
                        test_id="result-explore"
                        on_click=move |_| {
                            select();
                            on_explore.run(());
                        }
                    >
                        "Explore it"
                    </Button>
                    <Button
                        test_id="result-evidence"
                        on_click=move |_| {
                            select();
                            on_evidence.run(());
                        }
                    >
                        "See its evidence"
                    </Button>
                    <Show when=move || can_continue.get()>
                        <Button
                            test_id="result-continue"
                            title="Continue the run where it was stopped"
                            on_click=resume
                        >
                            "Continue training"
                        </Button>
                    </Show>
                    <ModelActions name ids=IDS />
                </div>
            </section>
        </Show>
    }
}

/// "98.25 ± 1.50 nats on 4 held-out images".
fn describe_test(test: &CardTest) -> String {
    let CardTest {
        count,
        neg_elbo,
        standard_error,
        ..
    } = *test;
    let images = if count == 1 { "image" } else { "images" };
    format!(
        "{} nats on {count} held-out {images}",
        nats_with_error(neg_elbo, standard_error)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describe_test_gives_the_error_if_there_is_one() {
        let text = |count, standard_error| {
            describe_test(&CardTest {
                set: None,
                count,
                neg_elbo: 98.25,
                standard_error,
            })
        };
        assert_eq!(text(4, 1.5), "98.25 ± 1.50 nats on 4 held-out images");
        assert_eq!(text(1, f64::NAN), "98.25 nats on 1 held-out image");
    }
}
