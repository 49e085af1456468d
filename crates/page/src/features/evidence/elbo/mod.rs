//! The bound, taken apart.
pub(crate) mod bars;

use crate::features::evidence::state::EvidenceState;
use crate::latent;
use crate::latent::posterior::Posterior;
use crate::number::format::{nats, nats_with_error};
use crate::state::engine_view::{Encoded, EngineView};
use crate::ui::card::Card;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use bars::bars;
use leptos::prelude::*;

/// Reconstruction, KL, ELBO, and the gap to log p(x) where that is known.
#[component]
pub(crate) fn ElboTerms() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let evidence = expect_context::<EvidenceState>();
    let kl_per_dimension = Memo::new(move |_| {
        view.encoded
            .with(|encoded| encoded.as_deref().map(dimensions).unwrap_or_default())
    });
    let kl = Memo::new(move |_| kl_per_dimension.with(|all| all.iter().sum::<f64>()));
    let reconstruction = Memo::new(move |_| {
        evidence
            .estimates
            .with(|estimates| estimates.weights.reconstruction())
    });
    let exact = Memo::new(move |_| {
        evidence
            .estimates
            .with(|estimates| estimates.exact.as_ref().map(|exact| exact.log_evidence))
    });
    // Where there is no exact value, the best bound stands in for it.
    let ceiling = Memo::new(move |_| {
        exact.get().or_else(|| {
            evidence.estimates.with(|estimates| {
                let bounds = estimates.weights.bounds();
                bounds.last().map(|(_, bound)| bound.value)
            })
        })
    });
    let says = move |of: fn(f64, f64, f64) -> (f64, f64)| {
        reconstruction.get().map(|(value, error)| {
            let (value, error) = of(value, error, kl.get());
            nats_with_error(value, error)
        })
    };
    let drawn = move || {
        let (value, _) = reconstruction.get()?;
        let bars = bars(-value, kl.get(), ceiling.get());
        let bar = |pieces: Vec<_>| {
            let pieces = pieces
                .into_iter()
                .map(|piece: crate::features::evidence::elbo::bars::BarSegment| {
                    let says = format!("{} {}", piece.name, nats(piece.nats));
                    let title = format!("{says} nats");
                    view! {
                        <span
                            class=format!("bar-piece {}", piece.class)
                            style=format!("width: {:.3}%", piece.share)
                            title=title
                        >
                            <span>{says}</span>
                        </span>
                    }
                })
                .collect_view();
            view! { <div class="bound-bar">{pieces}</div> }
        };
        Some(bars.into_iter().map(bar).collect_view())
    };
    let gap = move || {
        let (value, _) = reconstruction.get()?;
        Some(nats(exact.get()? - (value - kl.get())))
    };
    let at_z = move || evidence.at_z.get().map(nats);
    view! {
        <Card title="The bound, taken apart" source="Notes, Equations 21 and 24" equation=equations::ELBO_DECOMPOSITION>
            <div class="bars" data-testid="bound-bars">{drawn}</div>
            <dl class="numbers">
                <div>
                    <dt>
                        <Tooltip text=glossary::RECONSTRUCTION>"E[log p(x|z)]"</Tooltip>
                    </dt>
                    <dd data-testid="reconstruction">{move || says(|value, error, _| (value, error))}</dd>
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
                    <dd data-testid="elbo">{move || says(|value, error, kl| (value - kl, error))}</dd>
                </div>
                <div>
                    <dt>
                        <Tooltip text=glossary::POSTERIOR_GAP>"KL(q(z|x) ‖ p(z|x))"</Tooltip>
                    </dt>
                    <dd data-testid="posterior-gap">{move || gap().unwrap_or_else(|| "–".to_owned())}</dd>
                </div>
                <div>
                    <dt>
                        <Tooltip text=glossary::LOG_LIKELIHOOD_AT_Z>"log p(x|z) of the z on the stage"</Tooltip>
                    </dt>
                    <dd data-testid="at-z">{move || at_z().unwrap_or_else(|| "–".to_owned())}</dd>
                </div>
            </dl>
            <p class="card-note">
                "All in nats. The expectation is a mean over " {move || evidence.estimates.with(|f| f.weights.count())}
                " samples of q(z|x), with its standard error; KL is in closed form. Move z: its log p(x|z) falls \
                 as the picture leaves the digit."
            </p>
            <KlPerDimension kl=kl_per_dimension />
        </Card>
    }
}

/// KL of each dimension, in nats, the largest first.
#[component]
fn KlPerDimension(kl: Memo<Vec<f64>>) -> impl IntoView {
    let rows = move || {
        let mut all: Vec<(usize, f64)> = kl.get().into_iter().enumerate().collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1));
        let most = all.first().map_or(1.0, |(_, most)| most.max(1e-9));
        all.into_iter()
            .map(|(index, kl)| {
                view! {
                    <div class="kl-row">
                        <span>{latent::symbol(index)}</span>
                        <span class="kl-track">
                            <span class="kl-part" style=format!("width: {:.2}%", 100.0 * kl / most)></span>
                        </span>
                        <span>{nats(kl)}</span>
                    </div>
                }
            })
            .collect_view()
    };
    view! {
        <details class="card-more">
            <summary>"KL of each dimension"</summary>
            <div class="kl-rows">{rows}</div>
        </details>
    }
}

/// KL(q ‖ p) of each dimension.
fn dimensions(encoded: &Encoded) -> Vec<f64> {
    let pairs = encoded.mu.iter().zip(&encoded.sigma);
    pairs
        .map(|(&mu, &sigma)| f64::from(Posterior { mu, sigma }.kl_from_prior()))
        .collect()
}
