//! The terms of the ELBO.
pub(crate) mod bar_view;
pub(crate) mod bars;

use crate::features::evidence::sections::Section;
use crate::features::evidence::state::EvidenceState;
use crate::latent;
use crate::latent::{argsort::argsort_descending, posterior::Posterior};
use crate::number::format::{nats, nats_with_error};
use crate::state::engine_view::{Encoded, EngineView};
use crate::ui::card::Card;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use bar_view::BoundBars;
use bars::{KnownEvidence, bars};
use leptos::prelude::*;

/// Reconstruction, KL, ELBO, and the gap to log p(x) if that is known.
#[component]
pub(crate) fn ElboTerms() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let evidence = expect_context::<EvidenceState>();
    let kl_per_dimension = Memo::new(move |_| {
        view.encoded
            .with(|encoded| encoded.as_deref().map(kl_of_dimensions).unwrap_or_default())
    });
    let kl = Memo::new(move |_| kl_per_dimension.with(|all| all.iter().sum::<f64>()));
    let reconstruction = Memo::new(move |_| {
        evidence
            .estimates
            .with(|estimates| estimates.weights.reconstruction())
    });
    let exact = Memo::new(move |_| {
        evidence.estimates.with(|estimates| {
            let exact = estimates.exact.as_ref()?;
            Some((exact.log_evidence, exact.error))
        })
    });
    // The exact value if known, otherwise the tightest bound.
    let best_estimate = Memo::new(move |_| {
        evidence.estimates.with(|estimates| match &estimates.exact {
            Some(exact) => Some(KnownEvidence {
                log_evidence: exact.log_evidence,
                parts: estimates
                    .gap_split
                    .map(|split| [split.shift, split.scale, split.shape]),
            }),
            None => Some(KnownEvidence {
                log_evidence: estimates.weights.bounds().last()?.1.value,
                parts: None,
            }),
        })
    });
    // The reconstruction term minus `subtracted`, with its standard error.
    let with_error = move |subtracted: f64| {
        reconstruction
            .get()
            .map(|(value, error)| nats_with_error(value - subtracted, error))
    };
    let bars = Memo::new(move |_| {
        let (value, _) = reconstruction.get()?;
        bars(-value, kl.get(), best_estimate.get())
    });
    let gap = move || {
        let (value, error) = reconstruction.get()?;
        let (log_evidence, evidence_error) = exact.get()?;
        Some(nats_with_error(
            log_evidence - (value - kl.get()),
            error + evidence_error,
        ))
    };
    let at_z = move || evidence.log_likelihood_at_z.get().map(nats);
    view! {
        <Card id=Section::ELBO.id title="The ELBO, term by term" source="Notes, Equations 21 and 24" equation=equations::ELBO_DECOMPOSITION>
            <BoundBars bars is_bound=move || exact.get().is_none() />
            <dl class="numbers">
                <div>
                    <dt>
                        <Tooltip text=glossary::RECONSTRUCTION>"E[log p(x|z)]"</Tooltip>
                    </dt>
                    <dd data-testid="reconstruction">{move || with_error(0.0)}</dd>
                </div>
                <div>
                    <dt>
                        <Tooltip text=glossary::KL>"KL(q(z|x) ‖ p(z))"</Tooltip>
                    </dt>
                    <dd data-testid="kl">{move || nats(kl.get())}</dd>
                </div>
                <div class="strong">
                    <dt>
                        <Tooltip text=glossary::NEGATIVE_ELBO>"ELBO"</Tooltip>
                    </dt>
                    <dd data-testid="elbo">{move || with_error(kl.get())}</dd>
                </div>
                <div>
                    <dt>
                        <Tooltip text=glossary::POSTERIOR_GAP>"KL(q(z|x) ‖ p(z|x))"</Tooltip>
                    </dt>
                    <dd data-testid="posterior-gap">{move || gap().unwrap_or_else(|| "–".to_owned())}</dd>
                </div>
                <div>
                    <dt>
                        <Tooltip text=glossary::LOG_LIKELIHOOD_AT_Z>"log p(x|z) at the current z"</Tooltip>
                    </dt>
                    <dd data-testid="at-z">{move || at_z().unwrap_or_else(|| "–".to_owned())}</dd>
                </div>
            </dl>
            <p class="card-note">
                "All in nats. The expectation is a mean over " {move || evidence.estimates.with(|f| f.weights.count())}
                " samples of q(z|x), with its standard error; KL has a closed form. Move z: log p(x|z) falls as the \
                 decoded image becomes less similar to x."
            </p>
            <KlPerDimension kl=kl_per_dimension />
        </Card>
    }
}

/// KL of each dimension in nats, in decreasing order.
#[component]
fn KlPerDimension(kl: Memo<Vec<f64>>) -> impl IntoView {
    let rows = move || {
        let all = kl.get();
        let order = argsort_descending(&all);
        let largest = order.first().map_or(1.0, |&index| all[index].max(1e-9));
        order
            .into_iter()
            .map(|index| {
                let kl = all[index];
                view! {
                    <div class="kl-row">
                        <span>{latent::symbol(index)}</span>
                        <span class="kl-track">
                            <span class="kl-part" style:width=format!("{:.2}%", 100.0 * kl / largest)></span>
                        </span>
                        <span>{nats(kl)}</span>
                    </div>
                }
            })
            .collect_view()
    };
    view! {
        <details class="card-more">
            <summary>"KL per dimension"</summary>
            <div class="kl-rows">{rows}</div>
        </details>
    }
}

/// KL(q(z|x) ‖ p(z)) of each dimension, in nats.
pub(crate) fn kl_of_dimensions(encoded: &Encoded) -> Vec<f64> {
    let pairs = encoded.mu.iter().zip(&encoded.sigma);
    pairs
        .map(|(&mu, &sigma)| f64::from(Posterior { mu, sigma }.kl_from_prior()))
        .collect()
}
