//! The chart's legend, with the losses at the readout.

use crate::features::train::monitor::chart_lines::LossTerm;
use crate::number::format;
use crate::state::loss_history::{Curve, LossPoint};
use crate::state::training::TrainingView;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;
use protocol::Objective;

/// Why the training loss may exceed the held-out loss.
const AUGMENTED_NOTE: &str = "Training batches are rotated, sheared or shifted at random, held-out images are not: \
    so the training loss can be the higher one, and their difference is not overfitting.";

/// What the chart's dots are.
const DOTS_NOTE: &str = "Dots are the losses of single batches; lines join means over several.";

/// The losses at the readout, or the latest.
#[component]
pub(crate) fn LossTable(
    /// The step of the readout.
    at: Memo<Option<f64>>,
) -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let point_of = move |curve: &Curve| -> Option<LossPoint> {
        match at.get() {
            Some(step) => curve.nearest(step).copied(),
            None => curve.last().copied(),
        }
    };
    let training = Memo::new(move |_| view.history.with(|history| point_of(&history.training)));
    let held_out = Memo::new(move |_| view.history.with(|history| point_of(&history.held_out)));
    let augmented = Memo::new(move |_| {
        let augmented = view
            .info
            .with(|info| info.as_ref().is_some_and(|info| info.augmented));
        augmented && held_out.get().is_some()
    });
    let has_dots = Memo::new(move |_| {
        view.history.with(|history| {
            let points = history.training.points();
            points.iter().any(LossPoint::is_single_batch)
        })
    });
    let time = move || match (at.get(), training.get()) {
        (Some(_), Some(point)) => format!("step {:.0}", point.step),
        _ => "now".to_owned(),
    };
    let cell = move |point: Memo<Option<LossPoint>>, term: LossTerm| {
        move || {
            point
                .get()
                .map_or_else(|| "–".to_owned(), |point| format::fixed(term.of(&point), 2))
        }
    };
    view! {
        <table class="loss-table">
            <caption class="visually-hidden">"Losses in nats per image"</caption>
            <thead>
                <tr>
                    <th scope="col">{time}</th>
                    <th scope="col">
                        <span class="swatch training" aria-hidden="true"></span>
                        <Tooltip text=glossary::TRAINING_LOSS>"training"</Tooltip>
                    </th>
                    <th scope="col">
                        <span class="swatch held-out" aria-hidden="true"></span>
                        <Tooltip text=glossary::HELD_OUT>"held out"</Tooltip>
                    </th>
                </tr>
            </thead>
            <tbody>
                {LossTerm::ALL
                    .map(|term| {
                        let (name, text) = name_and_explanation(term);
                        view! {
                            <tr class=term.class()>
                                <th scope="row">
                                    <span class="swatch" aria-hidden="true"></span>
                                    <Tooltip text>{name}</Tooltip>
                                </th>
                                <td>{cell(training, term)}</td>
                                <td class="held-out">{cell(held_out, term)}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
                <ObjectiveRow />
            </tbody>
        </table>
        <p class="kl-note" data-testid="train-loss-note">
            {move || augmented.get().then_some(AUGMENTED_NOTE)}
        </p>
        <p class="kl-note">{move || has_dots.get().then_some(DOTS_NOTE)}</p>
    }
}

/// The latest value of an objective other than the ELBO. The chart has the ELBO in each run, so that runs compare.
#[component]
fn ObjectiveRow() -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let value = Memo::new(move |_| {
        view.progress
            .with(|progress| progress.as_ref().and_then(|progress| progress.objective))
    });
    let name = move || {
        let objective = view
            .info
            .with(|info| info.as_ref().map(|info| info.objective));
        match objective {
            Some(Objective::ImportanceWeighted { samples }) => {
                view! { "−" <i>"L"</i> <sub>{samples}</sub> }.into_any()
            }
            _ => view! { "−log " <i>"p"</i> "(" <i>"x"</i> ")" }.into_any(),
        }
    };
    view! {
        <Show when=move || value.get().is_some()>
            <tr class="objective" data-testid="train-objective-value">
                <th scope="row">
                    <Tooltip text=glossary::OBJECTIVE>{name()}</Tooltip>
                </th>
                <td>{move || value.get().map(|value| format::fixed(-value, 2))}</td>
                <td class="held-out">"–"</td>
            </tr>
        </Show>
    }
}

fn name_and_explanation(term: LossTerm) -> (&'static str, &'static str) {
    match term {
        LossTerm::NegElbo => ("−ELBO", glossary::NEGATIVE_ELBO),
        LossTerm::Reconstruction => ("reconstruction", glossary::RECONSTRUCTION),
        LossTerm::Kl => ("KL", glossary::KL),
    }
}
