//! log p(x|z) of the same image and decoder output under three likelihoods.
pub(crate) mod cross_entropy;
pub(crate) mod cross_entropy_table;
pub(crate) mod own_likelihood;

use crate::features::evidence::estimates::is_binary;
use crate::features::evidence::sections::Section;
use crate::number::format::nats;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::card::Card;
use crate::ui::slider::Slider;
use client::JobError;
use cross_entropy_table::CrossEntropyTable;
use leptos::prelude::*;
use own_likelihood::OwnLikelihood;
use protocol::Likelihood;
use protocol::evidence::{EvidenceQuery, EvidenceResult};
use wasm_bindgen_futures::spawn_local;

/// Bernoulli, continuous Bernoulli, and Gaussian with adjustable σ.
#[component]
pub(crate) fn Likelihoods() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    // log₁₀ σ.
    let exponent = RwSignal::new(-1.0_f64);
    let sigma = Memo::new(move |_| 10_f64.powf(exponent.get()));
    let result = RwSignal::new(None::<Result<[f64; 3], String>>);
    let is_pending = StoredValue::new(false);
    // The Bernoulli likelihoods take the decoder's output as logits.
    let has_logits = Memo::new(move |_| {
        view.model.with(|model| {
            let likelihood = model.as_ref().map(|model| model.likelihood);
            !matches!(
                likelihood,
                Some(Likelihood::Gaussian { .. } | Likelihood::DiscretizedLogistic { .. })
            )
        })
    });
    Effect::new(move |_| {
        let (frame, encoded) = (view.frame.get(), view.encoded.get());
        sigma.track();
        if let (Some(_), Some(_), true) = (frame, encoded, has_logits.get()) {
            query(actions, view, sigma, result, is_pending);
        }
    });
    let is_grey = Memo::new(move |_| {
        view.encoded.with(|encoded| {
            encoded
                .as_ref()
                .is_some_and(|encoded| !is_binary(&encoded.image.pixels))
        })
    });
    let value = move |index: usize| {
        result.with(|result| match result {
            Some(Ok(values)) => nats(values[index]),
            _ => "–".to_owned(),
        })
    };
    let error = move || result.with(|result| result.clone().and_then(Result::err));
    let table = move || {
        view! {
                <table class="data-table">
                    <thead>
                        <tr>
                            <th scope="col">"decoder’s output as parameter of a"</th>
                            <th scope="col">"log p(x|z), nats"</th>
                            <th scope="col">"interpretation"</th>
                        </tr>
                    </thead>
                    <tbody>
                        <tr>
                            <th scope="row">"Bernoulli"</th>
                            <td class="number" data-testid="as-bernoulli">{move || value(0)}</td>
                            <td>
                                {move || {
                                    if is_grey.get() {
                                        "for grey pixels neither a probability nor a density; only a training objective"
                                    } else {
                                        "log of a probability: never above 0, comparable with papers on binarized MNIST"
                                    }
                                }}
                            </td>
                        </tr>
                        <tr>
                            <th scope="row">"continuous Bernoulli"</th>
                            <td class="number" data-testid="as-continuous">{move || value(1)}</td>
                            <td>"log of a density on [0, 1]: can be above 0"</td>
                        </tr>
                        <tr>
                            <th scope="row">
                                "Gaussian, σ = " {move || format!("{:.3}", sigma.get())}
                            </th>
                            <td class="number" data-testid="as-gaussian">{move || value(2)}</td>
                            <td>"log of a density on ℝ: grows without bound as σ decreases, if the image fits"</td>
                        </tr>
                    </tbody>
                </table>
                <label class="labelled-slider">
                    "σ of the Gaussian: " {move || format!("{:.3}", sigma.get())}
                    <Slider
                        min=-2.0
                        max=0.0
                        step=0.02
                        test_id="likelihood-sigma"
                        value=exponent
                        on_input=move |(value, _)| exponent.set(value)
                    />
                </label>
                <p class="card-note" role="status">{error}</p>
                <p class="card-note">
                    "All rows use the same image and the same decoder output. The rows are not comparable: a probability is \
                     not a density, and a density depends on the units of the pixels. Compare only numbers with the same \
                     likelihood and the same kind of data."
                </p>
                <CrossEntropyTable />
        }
    };
    view! {
        <Card id=Section::LIKELIHOOD.id title="The choice of likelihood" source="Notes, Equation 18 and Figure 9" equation=equations::LIKELIHOODS>
            <Show when=move || has_logits.get() fallback=OwnLikelihood>{table()}</Show>
        </Card>
    }
}

/// Queries the log-likelihoods at the current z, with one pending query at a time.
fn query(
    actions: Actions,
    view: EngineView,
    sigma: Memo<f64>,
    result: RwSignal<Option<Result<[f64; 3], String>>>,
    is_pending: StoredValue<bool>,
) {
    let frame = view.frame.get_untracked();
    let encoded = view.encoded.get_untracked();
    let (Some(frame), Some(encoded)) = (frame, encoded) else {
        return;
    };
    let z = frame.point.z.clone();
    if is_pending.get_value() || z.len() != encoded.mu.len() {
        return;
    }
    is_pending.set_value(true);
    let current = (z, sigma.get_untracked());
    let likelihoods = EvidenceQuery::CompareLikelihoods {
        z: current.0.clone(),
        sigma: current.1,
    };
    let answer = actions.query(encoded.image.pixels.clone(), likelihoods);
    spawn_local(async move {
        let answer = answer.await;
        // The panel was closed.
        if is_pending.try_set_value(false).is_some() {
            return;
        }
        let newer = match answer {
            Ok(EvidenceResult::Likelihoods {
                bernoulli,
                continuous_bernoulli,
                gaussian,
            }) => Some(Ok([bernoulli, continuous_bernoulli, gaussian])),
            Err(JobError::Failed(error)) => Some(Err(error)),
            _ => None,
        };
        let answered = newer.is_some();
        result.try_set(newer);
        let frame = view.frame.try_get_untracked().flatten();
        let changed = frame.is_some_and(|frame| frame.point.z != current.0)
            || sigma
                .try_get_untracked()
                .is_some_and(|sigma| sigma != current.1);
        if answered && changed {
            query(actions, view, sigma, result, is_pending);
        }
    });
}
