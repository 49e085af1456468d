//! The same digit and the same picture under three likelihoods.
pub(crate) mod cross_entropy;
pub(crate) mod cross_entropy_table;

use crate::features::evidence::estimates::is_binary;
use crate::number::format::nats;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::card::Card;
use cross_entropy_table::CrossEntropyTable;
use leptos::prelude::*;
use protocol::evidence::{EvidenceQuery, EvidenceResult};

/// Bernoulli, continuous Bernoulli and Gaussian with σ on a slider.
#[component]
pub(crate) fn Likelihoods() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    // log₁₀ σ.
    let exponent = RwSignal::new(-1.0_f64);
    let sigma = Memo::new(move |_| 10_f64.powf(exponent.get()));
    let found = RwSignal::new(None::<Result<[f64; 3], String>>);
    let asked = StoredValue::new(false);
    Effect::new(move |_| {
        let (frame, encoded) = (view.frame.get(), view.encoded.get());
        sigma.track();
        if let (Some(_), Some(_)) = (frame, encoded) {
            ask(actions, view, sigma, found, asked);
        }
    });
    let grey = Memo::new(move |_| {
        view.encoded.with(|encoded| {
            encoded
                .as_ref()
                .is_some_and(|encoded| !is_binary(&encoded.image.pixels))
        })
    });
    let value = move |which: usize| {
        found.with(|found| match found {
            Some(Ok(values)) => nats(values[which]),
            _ => "–".to_owned(),
        })
    };
    let refused = move || found.with(|found| found.as_ref().and_then(|found| found.clone().err()));
    view! {
        <Card title="The likelihood matters" source="Notes, Equation 18 and Figure 9" equation=equations::LIKELIHOODS>
            <table class="likelihoods">
                <thead>
                    <tr>
                        <th scope="col">"the decoder’s output read as"</th>
                        <th scope="col">"log p(x|z), nats"</th>
                        <th scope="col">"what it is"</th>
                    </tr>
                </thead>
                <tbody>
                    <tr>
                        <th scope="row">"Bernoulli"</th>
                        <td data-testid="as-bernoulli">{move || value(0)}</td>
                        <td>
                            {move || {
                                if grey.get() {
                                    "of grey pixels neither probability nor density: an objective only"
                                } else {
                                    "a probability: never above 0, comparable with papers on binarized digits"
                                }
                            }}
                        </td>
                    </tr>
                    <tr>
                        <th scope="row">"continuous Bernoulli"</th>
                        <td data-testid="as-continuous">{move || value(1)}</td>
                        <td>"a density on [0, 1]: can be above 0"</td>
                    </tr>
                    <tr>
                        <th scope="row">
                            "Gaussian, σ = " {move || format!("{:.3}", sigma.get())}
                        </th>
                        <td data-testid="as-gaussian">{move || value(2)}</td>
                        <td>"a density on all numbers: as high as σ lets it be"</td>
                    </tr>
                </tbody>
            </table>
            <label class="sigma-slider">
                "σ of the Gaussian: " {move || format!("{:.3}", sigma.get())}
                <input
                    type="range"
                    min="-2"
                    max="0"
                    step="0.02"
                    data-testid="likelihood-sigma"
                    prop:value=move || exponent.get().to_string()
                    on:input=move |event| {
                        if let Ok(value) = event_target_value(&event).parse() {
                            exponent.set(value);
                        }
                    }
                />
            </label>
            <p class="card-note" role="status">{refused}</p>
            <p class="card-note">
                "Digit and picture are the same in all rows. None of these numbers may be compared with one of \
                 another row: a probability is no density, and a density changes with the unit of its pixels. Only \
                 numbers of one likelihood on data of one kind belong in one table."
            </p>
            <CrossEntropyTable />
        </Card>
    }
}

/// One question at a time, the last one for what is on the stage.
fn ask(
    actions: Actions,
    view: EngineView,
    sigma: Memo<f64>,
    found: RwSignal<Option<Result<[f64; 3], String>>>,
    asked: StoredValue<bool>,
) {
    let frame = view.frame.get_untracked();
    let encoded = view.encoded.get_untracked();
    let (Some(frame), Some(encoded)) = (frame, encoded) else {
        return;
    };
    let z = frame.point.z.clone();
    if asked.get_value() || z.len() != encoded.mu.len() {
        return;
    }
    asked.set_value(true);
    let now = (z, sigma.get_untracked());
    let evidence = EvidenceQuery::CompareLikelihoods {
        z: now.0.clone(),
        sigma: now.1,
    };
    actions.examine(encoded.image.pixels.clone(), evidence, move |answer| {
        // Gone with the panel.
        if asked.try_set_value(false).is_some() {
            return;
        }
        let newer = match answer {
            Some(Ok(EvidenceResult::Likelihoods {
                bernoulli,
                continuous_bernoulli,
                gaussian,
            })) => Some(Ok([bernoulli, continuous_bernoulli, gaussian])),
            Some(Err(why)) => Some(Err(why)),
            _ => None,
        };
        let answered = newer.is_some();
        found.try_set(newer);
        let frame = view.frame.try_get_untracked().flatten();
        let moved = frame.is_some_and(|frame| frame.point.z != now.0)
            || sigma
                .try_get_untracked()
                .is_some_and(|sigma| sigma != now.1);
        if answered && moved {
            ask(actions, view, sigma, found, asked);
        }
    });
}
