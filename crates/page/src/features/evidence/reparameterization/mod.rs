//! Why the trick: the gradient with and without reparameterization.
pub(crate) mod estimators;

use crate::features::evidence::state::EvidenceState;
use crate::latent;
use crate::number::format::nats;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::ui::card::Card;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use estimators::{GradientEstimates, SIZES, compare_gradients, mean_and_error, variance};
use leptos::prelude::*;

/// The three estimators, by the number of samples.
#[component]
pub(crate) fn Reparameterization() -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let evidence = expect_context::<EvidenceState>();
    let compared = RwSignal::new(Vec::<GradientEstimates>::new());
    let runs = RwSignal::new(false);
    // Of another digit, or by another model, nothing holds any more.
    let round = StoredValue::new(0_u64);
    Effect::new(move |_| {
        view.encoded.track();
        round.update_value(|round| *round += 1);
        compared.set(Vec::new());
        runs.set(false);
    });
    let begin = move |_| {
        let Some(encoded) = view.encoded.get_untracked() else {
            return;
        };
        compared.set(Vec::new());
        runs.set(true);
        let mine = round.get_value();
        let image = encoded.image.pixels.clone();
        compare_gradients(actions, image, 0, move |result| {
            // Another digit came, or the panel is gone.
            if round.try_get_value() != Some(mine) {
                return false;
            }
            match result {
                Ok(more) => {
                    let last = SIZES.last() == Some(&more.samples);
                    compared.update(|compared| compared.push(more));
                    runs.set(!last);
                    true
                }
                Err(why) => {
                    runs.set(false);
                    evidence.problem.set(Some(why));
                    false
                }
            }
        });
    };
    let parameter =
        Memo::new(move |_| compared.with(|all| all.last().and_then(GradientEstimates::largest)));
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
    let row = move |which: usize, name: &'static str, tip: &'static str, test_id: &'static str| {
        let cells = move || {
            let parameter = parameter.get()?;
            let cells = compared.get().into_iter().map(|compared| {
                let estimated = compared.all()[which];
                let (mean, error) = mean_and_error(estimated, parameter, compared.samples);
                view! { <td>{short(mean, error)}</td> }
            });
            Some(cells.collect_view())
        };
        let ratio = move || {
            compared.with(|all| {
                let all = all.last()?.all();
                Some(format!("{:.3}", variance(all[which]) / variance(all[0])))
                    .map(|text| shortened(&text))
            })
        };
        view! {
            <tr>
                <th scope="row">
                    <Tooltip text=tip>{name}</Tooltip>
                </th>
                {cells}
                <td data-testid=test_id>{ratio}</td>
            </tr>
        }
    };
    view! {
        <Card title="Why the trick" source="Notes, section 7 and Figure 6" equation=equations::GRADIENT_ESTIMATORS>
            <div class="card-buttons">
                <button type="button" data-testid="gradients-begin" disabled=move || runs.get() on:click=begin>
                    {move || if runs.get() { "Estimating…" } else { "Estimate the gradient three ways" }}
                </button>
            </div>
            <Show when=move || compared.with(|all| !all.is_empty())>
                <div class="units" tabindex="0">
                    <table class="likelihoods">
                        <thead>
                            <tr>
                                <th scope="col">"gradient for " {symbol}</th>
                                {move || {
                                    compared
                                        .get()
                                        .into_iter()
                                        .map(|compared| view! { <th scope="col">{compared.samples} " samples"</th> })
                                        .collect_view()
                                }}
                                <th scope="col">
                                    <Tooltip text=glossary::VARIANCE_RATIO>"variance ratio"</Tooltip>
                                </th>
                            </tr>
                        </thead>
                        <tbody>
                            {row(0, "reparameterized", glossary::EPSILON, "ratio-reparameterized")}
                            {row(1, "score function", glossary::SCORE_FUNCTION, "ratio-score")}
                            {row(2, "with a baseline", glossary::BASELINE, "ratio-baseline")}
                        </tbody>
                    </table>
                </div>
            </Show>
            <p class="card-note">
                "All three rows estimate the same gradient of E[log p(x|z)], from the same ε; each with its standard \
                 error. What reparameterization brings is not another mean but a smaller variance: the score function \
                 needs the ratio’s many times as many samples to be as sure."
            </p>
        </Card>
    }
}

/// "−12.3 ± 0.4", with as many places as there is something to say.
fn short(mean: f64, error: f64) -> String {
    let places = if error < 0.95 { 2 } else { 0 };
    format!("{mean:.places$} ± {error:.places$}").replace('-', "−")
}

/// Large ratios without their places.
fn shortened(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(value) if value >= 100.0 => format!("{value:.0}"),
        Ok(value) => nats(value),
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_the_error() {
        assert_eq!(short(-12.345, 0.4), "−12.35 ± 0.40");
        assert_eq!(short(-1234.5, 80.2), "−1234 ± 80");
        assert_eq!(shortened("1.000"), "1.00");
        assert_eq!(shortened("2500.123"), "2500");
    }
}
