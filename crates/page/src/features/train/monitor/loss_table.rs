//! The chart's legend, which is its readout, too.

use crate::features::train::loss_history::{Curve, LossPoint};
use crate::features::train::monitor::chart_lines::Part;
use crate::features::train::state::TrainingView;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// The losses at the readout, or the newest.
#[component]
pub(crate) fn LossTable(
    /// The step of the readout.
    at: Memo<Option<f64>>,
) -> impl IntoView {
    let view = expect_context::<TrainingView>();
    let find = move |curve: &Curve| -> Option<LossPoint> {
        match at.get() {
            Some(step) => curve.nearest(step).copied(),
            None => curve.last().copied(),
        }
    };
    let training = Memo::new(move |_| view.history.with(|history| find(&history.training)));
    let held_out = Memo::new(move |_| view.history.with(|history| find(&history.held_out)));
    let when = move || match (at.get(), training.get()) {
        (Some(_), Some(point)) => format!("step {:.0}", point.step),
        _ => "now".to_owned(),
    };
    let cell = move |point: Memo<Option<LossPoint>>, part: Part| {
        move || {
            point
                .get()
                .map_or_else(|| "–".to_owned(), |point| nats(part.of(&point)))
        }
    };
    view! {
        <table class="loss-table">
            <caption class="visually-hidden">"Losses in nats a digit"</caption>
            <thead>
                <tr>
                    <th scope="col">{when}</th>
                    <th scope="col">
                        <span class="swatch training" aria-hidden="true"></span>
                        "training"
                    </th>
                    <th scope="col">
                        <span class="swatch held-out" aria-hidden="true"></span>
                        <Tooltip text=glossary::HELD_OUT>"held out"</Tooltip>
                    </th>
                </tr>
            </thead>
            <tbody>
                {Part::ALL
                    .map(|part| {
                        let (name, text) = words(part);
                        view! {
                            <tr class=part.class()>
                                <th scope="row">
                                    <span class="swatch" aria-hidden="true"></span>
                                    <Tooltip text>{name}</Tooltip>
                                </th>
                                <td>{cell(training, part)}</td>
                                <td class="held-out">{cell(held_out, part)}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}

fn words(part: Part) -> (&'static str, &'static str) {
    match part {
        Part::NegElbo => ("−ELBO", glossary::NEGATIVE_ELBO),
        Part::Reconstruction => ("reconstruction", glossary::RECONSTRUCTION),
        Part::Kl => ("KL", glossary::KL),
    }
}

/// A loss with two decimals and a real minus sign.
fn nats(value: f64) -> String {
    format!("{value:.2}").replace('-', "−")
}
