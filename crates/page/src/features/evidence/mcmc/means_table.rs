//! Table of the posterior means: by the chains, with diagnostics, and by quadrature.

use crate::features::evidence::state::EvidenceState;
use crate::latent;
use crate::number::format::{fixed, nats};
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// Largest number of latent dimensions in the table.
const MAX_ROWS: usize = 4;

/// Means by the chains and by quadrature.
#[component]
pub(crate) fn MeansTable() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let diagnosis = evidence.diagnosis;
    let is_single = Memo::new(move |_| evidence.chains.with(|chains| chains.all().len() < 2));
    let exact = Memo::new(move |_| {
        evidence
            .estimates
            .with(|estimates| estimates.exact.as_ref().map(|exact| exact.mean))
    });
    let rows = move || {
        let diagnosis = diagnosis.get();
        let found = diagnosis
            .as_ref()
            .map_or(&[][..], |diagnosis| &diagnosis.dimensions);
        let size = evidence.chains.with(|chains| chains.latent_size());
        (0..size.min(MAX_ROWS))
            .map(|dimension| {
                let found = found.get(dimension);
                let mean = found.map_or_else(
                    || "…".to_owned(),
                    |found| with_three_decimals(found.mean, found.standard_error),
                );
                let exact = exact
                    .get()
                    .and_then(|mean| mean.get(dimension).copied())
                    .map_or_else(
                        || "–".to_owned(),
                        |mean| with_three_decimals(mean, f64::NAN),
                    );
                let effective = found.map(|found| or_dash(found.effective_sample_size, 0));
                let single = found.and_then(|found| found.single);
                let diagnostics = if is_single.get() {
                    let time = single.map(|(time, _)| or_dash(time, 1));
                    let geweke = single.and_then(|(_, geweke)| geweke).map(nats);
                    view! { <td>{time}</td> <td>{effective}</td> <td>{geweke}</td> }.into_any()
                } else {
                    let r_hat = found
                        .and_then(|found| found.r_hat)
                        .map(|r_hat| or_dash(r_hat, 3));
                    view! {
                        <td>{effective}</td>
                        <td data-testid=format!("chain-r-hat-{dimension}")>{r_hat}</td>
                    }
                    .into_any()
                };
                view! {
                    <tr>
                        <th scope="row">{latent::symbol(dimension)}</th>
                        <td data-testid=format!("chain-mean-{dimension}")>{mean}</td>
                        <td data-testid=format!("exact-mean-{dimension}")>{exact}</td>
                        {diagnostics}
                    </tr>
                }
            })
            .collect_view()
    };
    let effective = || view! { <th scope="col">"effective samples"</th> };
    let head = move || {
        if is_single.get() {
            view! {
                <th scope="col">
                    <Tooltip text=glossary::AUTOCORRELATION_TIME>"autocorrelation time"</Tooltip>
                </th>
                {effective()}
                <th scope="col">
                    <Tooltip text=glossary::GEWEKE>"Geweke’s z"</Tooltip>
                </th>
            }
            .into_any()
        } else {
            view! {
                {effective()}
                <th scope="col">
                    <Tooltip text=glossary::R_HAT>"R̂"</Tooltip>
                </th>
            }
            .into_any()
        }
    };
    let omitted = move || {
        let size = evidence.chains.with(|chains| chains.latent_size());
        (size > MAX_ROWS).then(|| {
            let largest = diagnosis
                .with(|diagnosis| diagnosis.as_ref().and_then(|diagnosis| diagnosis.r_hat))
                .map(|r_hat| format!(" The largest R̂ of all {size} is {}.", or_dash(r_hat, 3)));
            view! {
                <p class="card-note">
                    {format!("The first {MAX_ROWS} of {size} dimensions.")} {largest}
                </p>
            }
        })
    };
    view! {
        <div class="table-scroll" tabindex="0">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">
                            <span class="visually-hidden">"dimension"</span>
                        </th>
                        <th scope="col">"mean by the chains"</th>
                        <th scope="col">"mean by quadrature"</th>
                        {head}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {omitted}
    }
}

/// "0.513 ± 0.004".
fn with_three_decimals(value: f64, error: f64) -> String {
    if error.is_finite() {
        format!("{} ± {}", fixed(value, 3), fixed(error, 3))
    } else {
        fixed(value, 3)
    }
}

/// The number; "–" for one that the chains do not determine.
fn or_dash(value: f64, decimals: usize) -> String {
    if value.is_finite() {
        fixed(value, decimals)
    } else {
        "–".to_owned()
    }
}
