//! Gradient estimates with and without the reparameterization trick.
pub(crate) mod estimators;

use crate::features::evidence::sections::Section;
use crate::features::evidence::sentences::announce;
use crate::features::evidence::state::EvidenceState;
use crate::features::evidence::summary::compute_all::on_compute_all;
use crate::latent;
use crate::number::format::nats;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::button::Button;
use crate::ui::card::Card;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use estimators::{GradientEstimates, SAMPLE_SIZES, compare_gradients, mean_and_error, variance};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Three estimators of the same gradient, for several numbers of samples.
#[component]
pub(crate) fn Reparameterization() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let evidence = expect_context::<EvidenceState>();
    let estimates = RwSignal::new(Vec::<GradientEstimates>::new());
    let running = evidence.gradients_running;
    // Another image or model discards the estimates.
    let round = StoredValue::new(0_u64);
    Effect::new(move |_| {
        view.encoded.track();
        round.update_value(|round| *round += 1);
        estimates.set(Vec::new());
        running.set(false);
    });
    let start = move || {
        let Some(encoded) = view.encoded.get_untracked() else {
            return;
        };
        estimates.set(Vec::new());
        running.set(true);
        let this_round = round.get_value();
        let image = encoded.image.pixels.clone();
        let on_result = move |result: Result<GradientEstimates, String>| {
            // Another image was chosen, or the panel was closed.
            if round.try_get_value() != Some(this_round) {
                return false;
            }
            match result {
                Ok(next) => {
                    let is_last = SAMPLE_SIZES.last() == Some(&next.samples);
                    estimates.update(|estimates| estimates.push(next));
                    running.set(!is_last);
                    if is_last {
                        estimates.with_untracked(|all| announce(evidence.sentences, finished(all)));
                    }
                    true
                }
                Err(error) => {
                    running.set(false);
                    evidence.problem.set(Some(error));
                    false
                }
            }
        };
        spawn_local(compare_gradients(actions, image, on_result));
    };
    on_compute_all(move || {
        if !running.get_untracked() {
            start();
        }
    });
    let parameter =
        Memo::new(move |_| estimates.with(|all| all.last().and_then(GradientEstimates::largest)));
    let symbol = move || {
        let size = view
            .encoded
            .with(|encoded| encoded.as_ref().map_or(0, |encoded| encoded.mu.len()));
        parameter
            .get()
            .map(|parameter| match parameter.checked_sub(size) {
                None => view! { "μ of " {latent::symbol(parameter)} }.into_any(),
                Some(index) => view! { "log σ² of " {latent::symbol(index)} }.into_any(),
            })
    };
    let column = |name: &'static str, tooltip: &'static str| {
        view! {
            <th scope="col">
                <Tooltip text=tooltip>{name}</Tooltip>
            </th>
        }
    };
    let rows = move || {
        let parameter = parameter.get()?;
        let rows = estimates.get().into_iter().map(|estimates| {
            let cells = estimates.all().map(|estimate| {
                let (mean, error) = mean_and_error(estimate, parameter, estimates.samples);
                view! { <td>{format_with_error(mean, error)}</td> }
            });
            view! {
                <tr>
                    <th scope="row">{estimates.samples} " samples"</th>
                    {cells.collect_view()}
                </tr>
            }
        });
        Some(rows.collect_view())
    };
    let ratio = move |index: usize, test_id: &'static str| {
        let text = move || {
            estimates.with(|all| {
                let all = all.last()?.all();
                Some(format_ratio(variance(all[index]) / variance(all[0])))
            })
        };
        view! { <td data-testid=test_id>{text}</td> }
    };
    view! {
        <Card id=Section::GRADIENT.id title="The reparameterization trick" source="Notes, section 7 and Figure 6" equation=equations::GRADIENT_ESTIMATORS>
            <div class="card-buttons">
                <Button test_id="gradients-begin" disabled=running on_click=move |_| start()>
                    {move || if running.get() { "Estimating…" } else { "Estimate the gradient" }}
                </Button>
            </div>
            <Show when=move || estimates.with(|all| !all.is_empty())>
                <table class="data-table gradients">
                    <thead>
                        <tr>
                            <th scope="col">"gradient w.r.t. " {symbol}</th>
                            {column("reparam\u{ad}eterized", glossary::EPSILON)}
                            {column("score function", glossary::SCORE_FUNCTION)}
                            {column("with a baseline", glossary::BASELINE)}
                        </tr>
                    </thead>
                    <tbody>
                        {rows}
                        <tr>
                            <th scope="row">
                                <Tooltip text=glossary::VARIANCE_RATIO>"variance ratio"</Tooltip>
                            </th>
                            {ratio(0, "ratio-reparameterized")}
                            {ratio(1, "ratio-score")}
                            {ratio(2, "ratio-baseline")}
                        </tr>
                    </tbody>
                </table>
            </Show>
            <p class="card-note">
                "All three columns estimate the same gradient of E[log p(x|z)] from the same ε, each with its standard \
                 error. Reparameterization does not change the mean but lowers the variance. With a variance ratio of \
                 100, the score function needs 100 times more samples for the same precision."
            </p>
        </Card>
    }
}

/// The result for screen readers.
fn finished(estimates: &[GradientEstimates]) -> String {
    let Some(all) = estimates.last().map(GradientEstimates::all) else {
        return String::new();
    };
    let [score, baseline] = [1, 2].map(|i| format_ratio(variance(all[i]) / variance(all[0])));
    format!(
        "Gradient estimated: relative to the reparameterized one, the variance of the score function is {score}, with a \
         baseline {baseline}."
    )
}

/// "−12.35 ± 0.40"; without decimals if the error is large.
fn format_with_error(mean: f64, error: f64) -> String {
    let decimals = if error < 0.95 { 2 } else { 0 };
    format!("{mean:.decimals$} ± {error:.decimals$}").replace('-', "−")
}

/// Two decimals, or none from 100 on.
fn format_ratio(ratio: f64) -> String {
    if ratio >= 100.0 {
        format!("{ratio:.0}")
    } else {
        nats(ratio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_with_error_rounds_by_the_error() {
        assert_eq!(format_with_error(-12.345, 0.4), "−12.35 ± 0.40");
        assert_eq!(format_with_error(-1234.5, 80.2), "−1234 ± 80");
    }

    #[test]
    fn format_ratio_drops_decimals_of_large_ratios() {
        assert_eq!(format_ratio(1.0), "1.00");
        assert_eq!(format_ratio(2500.123), "2500");
    }
}
