//! Table of the posterior means: by the chain, with diagnostics, and by quadrature.

use crate::features::evidence::state::EvidenceState;
use crate::latent;
use crate::number::format::nats;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// Largest number of latent dimensions in the table.
const MAX_ROWS: usize = 4;

/// Means by the chain and by quadrature.
#[component]
pub(crate) fn MeansTable() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let chain = evidence.chain;
    let exact = Memo::new(move |_| {
        evidence
            .estimates
            .with(|estimates| estimates.exact.as_ref().map(|exact| exact.mean))
    });
    let rows = move || {
        let chain = chain.get();
        let dimensions = chain.last().map_or(0, <[f32]>::len);
        (0..dimensions.min(MAX_ROWS))
            .map(|dimension| {
                let mean = chain.mean(dimension);
                let mean_text = mean.map_or_else(
                    || "…".to_owned(),
                    |mean| with_three_decimals(mean.mean, mean.standard_error),
                );
                let time = mean.map(|mean| format!("{:.1}", mean.autocorrelation_time));
                let effective = mean.map(|mean| format!("{:.0}", mean.effective_sample_size));
                let exact = exact
                    .get()
                    .map(|mean| with_three_decimals(mean[dimension], f64::NAN));
                let geweke = chain.geweke(dimension).map(nats);
                view! {
                    <tr>
                        <th scope="row">{latent::symbol(dimension)}</th>
                        <td data-testid=format!("chain-mean-{dimension}")>{mean_text}</td>
                        <td data-testid=format!("exact-mean-{dimension}")>
                            {exact.unwrap_or_else(|| "–".to_owned())}
                        </td>
                        <td>{time}</td>
                        <td>{effective}</td>
                        <td>{geweke}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    view! {
        <div class="table-scroll" tabindex="0">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col"></th>
                        <th scope="col">"mean by the chain"</th>
                        <th scope="col">"mean by quadrature"</th>
                        <th scope="col">
                            <Tooltip text=glossary::AUTOCORRELATION_TIME>"autocorrelation time"</Tooltip>
                        </th>
                        <th scope="col">"effective samples"</th>
                        <th scope="col">
                            <Tooltip text=glossary::GEWEKE>"Geweke’s z"</Tooltip>
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// "0.513 ± 0.004".
fn with_three_decimals(value: f64, error: f64) -> String {
    let text = if error.is_finite() {
        format!("{value:.3} ± {error:.3}")
    } else {
        format!("{value:.3}")
    };
    text.replace('-', "−")
}
