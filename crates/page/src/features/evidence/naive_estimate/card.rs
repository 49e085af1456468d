//! The naive estimate, compared with the bounds and the exact value.

use crate::features::evidence::naive_estimate::MAX_SAMPLES;
use crate::features::evidence::naive_estimate::chart::NaiveChart;
use crate::features::evidence::query_sequence::PRIOR_ROUND;
use crate::features::evidence::sections::Section;
use crate::features::evidence::state::EvidenceState;
use crate::number::format::{fixed, grouped, nats, nats_with_error};
use crate::ui::button::Button;
use crate::ui::card::Card;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use estimate::Bound;
use leptos::prelude::*;

/// The chart, the numbers, and a button to draw more samples.
#[component]
pub(crate) fn NaiveEstimateCard() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let estimates = evidence.estimates;
    let naive = Memo::new(move |_| estimates.with(|estimates| estimates.naive.current()));
    let weighted = Memo::new(move |_| {
        estimates.with(|estimates| {
            let weights = &estimates.weights;
            let (k, bound) = *weights.bounds().last()?;
            Some((
                k,
                bound,
                weights.sum().effective_sample_size(),
                weights.count(),
            ))
        })
    });
    let is_full = move || evidence.prior_samples_wanted.get() >= MAX_SAMPLES;
    let more = move |_| {
        evidence
            .prior_samples_wanted
            .update(|wanted| *wanted = (*wanted + PRIOR_ROUND).min(MAX_SAMPLES));
    };
    let verdict = move || {
        let naive = naive.get()?;
        (naive.n >= 1_000 && naive.effective < 20.0).then(|| {
            let matter = match naive.effective.max(1.0).round() {
                1.0 => "only one matters".to_owned(),
                effective => format!("only about {effective:.0} matter"),
            };
            format!(
                "Of {} samples {matter}: almost every z from the prior decodes to another image, so a few lucky draws \
                 make up the sum. So the estimate is usually too low, and its standard error does not reveal it.",
                grouped(naive.n)
            )
        })
    };
    let exceeds = move || {
        let (_, bound, ..) = weighted.get()?;
        let exact =
            estimates.with(|estimates| estimates.exact.as_ref().map(|exact| exact.log_evidence))?;
        exceeding(bound, exact)
    };
    view! {
        <Card id=Section::NAIVE.id title="The naive Monte Carlo estimate" source="Notes, sections 4.1 and 10.1" equation=equations::MONTE_CARLO_ESTIMATES>
            <NaiveChart />
            <dl class="numbers">
                <div class="series naive">
                    <dt>
                        "samples from the prior, " <i>"n"</i> " = "
                        <span data-testid="prior-mc-count">
                            {move || naive.get().map(|naive| grouped(naive.n)).unwrap_or_default()}
                        </span>
                    </dt>
                    <dd data-testid="log-px-prior-mc">
                        {move || naive.get().map_or_else(|| "…".to_owned(), |naive| nats_with_error(naive.value, naive.error))}
                    </dd>
                </div>
                <div>
                    <dt>
                        <Tooltip text=glossary::EFFECTIVE_SAMPLE_SIZE>"effective sample size"</Tooltip>
                    </dt>
                    <dd data-testid="prior-mc-effective">
                        {move || naive.get().map(|naive| format!("{:.1}", naive.effective))}
                    </dd>
                </div>
                <div class="series weighted">
                    <dt>
                        <Tooltip text=glossary::IMPORTANCE_WEIGHTED_BOUND>"importance-weighted bound"</Tooltip>
                        " "
                        <span class="nowrap">
                            "(" <i>"K"</i> " = "
                            {move || weighted.get().map(|(k, ..)| grouped(k))}
                            ")"
                        </span>
                    </dt>
                    <dd data-testid="log-px-iwae">
                        {move || weighted.get().map_or_else(|| "…".to_owned(), |(_, bound, ..)| nats_with_error(bound.value, bound.standard_error))}
                    </dd>
                </div>
                <div>
                    <dt>"its effective sample size"</dt>
                    <dd data-testid="iwae-effective">
                        {move || weighted.get().map(|(_, _, effective, count)| format!("{effective:.0} of {}", grouped(count)))}
                    </dd>
                </div>
                <div class="series elbo">
                    <dt>"ELBO, the bound with " <i>"K"</i> " = 1"</dt>
                    <dd>
                        {move || {
                            let elbo = estimates.with(|estimates| estimates.weights.bounds().first().copied());
                            elbo
                                .map_or_else(
                                    || "…".to_owned(),
                                    |(_, bound)| nats_with_error(bound.value, bound.standard_error),
                                )
                        }}
                    </dd>
                </div>
                <div class="series exact">
                    <dt>"log p(x), exact"</dt>
                    <dd>
                        {move || {
                            estimates
                                .with(|estimates| {
                                    estimates
                                        .exact
                                        .as_ref()
                                        .map_or_else(
                                            || "–".to_owned(),
                                            |exact| nats_with_error(exact.log_evidence, exact.error),
                                        )
                                })
                        }}
                    </dd>
                </div>
            </dl>
            <p class="card-note" data-testid="bound-note">
                "A bound lies below log p(x), but its estimate from finitely many samples is a random number: within its \
                 error it may exceed the exact value." {exceeds}
            </p>
            <p class="card-note">
                {verdict}
                " The average is unbiased and converges to p(x) by the strong law of large numbers; its logarithm is \
                 too low on average, by Jensen’s inequality. The bands show two standard errors."
            </p>
            <div class="card-buttons">
                <Button
                    test_id="prior-mc-more"
                    disabled=move || is_full() || evidence.prior_sampling.get()
                    on_click=more
                >
                    {move || if evidence.prior_sampling.get() { "Sampling…" } else { "Draw 20,000 more" }}
                </Button>
                <span class="map-status">
                    {move || is_full().then(|| format!("The limit is {} samples.", grouped(MAX_SAMPLES)))}
                </span>
            </div>
        </Card>
    }
}

/// How far the estimate of the bound is above the exact value; `None` if it is not.
fn exceeding(bound: Bound, exact: f64) -> Option<String> {
    let above = bound.value - exact;
    (above > 0.0).then(|| {
        format!(
            " Here it does, by {} nats, {} of its standard errors.",
            nats(above),
            fixed(above / bound.standard_error, 1)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceeding_counts_standard_errors() {
        let bound = |value| Bound {
            value,
            standard_error: 0.02,
        };
        let said = exceeding(bound(-125.45), -125.47).expect("above");
        assert_eq!(
            said,
            " Here it does, by 0.02 nats, 1.0 of its standard errors."
        );
        assert_eq!(exceeding(bound(-125.5), -125.47), None);
    }
}
