//! log p(x) by quadrature and the true posterior, for two dimensions.

use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::viewport::Viewport;
use crate::latent::posterior::Posterior;
use crate::number::format::{nats, nats_with_error};
use crate::state::engine_view::EngineView;
use crate::ui::card::Card;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;
use std::sync::Arc;

/// The exact value and the check of the gap; or why there is none.
#[component]
pub(crate) fn Quadrature() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let size = Memo::new(move |_| {
        view.encoded
            .with(|encoded| encoded.as_ref().map(|encoded| encoded.mu.len()))
    });
    let content = move || {
        if size.get() == Some(2) {
            view! { <Numbers /> }.into_any()
        } else {
            view! {
                <p class="card-note" data-testid="no-exact">
                    "This model has " {move || size.get().unwrap_or_default()}
                    " latent dimensions. The integral is a sum over a grid, and a grid of 64 points along each \
                     dimension has 4,096 in two dimensions and more than a computer can visit in many. Pick a \
                     model of two dimensions to see it; the bounds below hold for any number."
                </p>
            }
                .into_any()
        }
    };
    view! {
        <Card title="Exact in two dimensions" source="Notes, sections 1 and 4" equation=equations::MARGINAL_AND_POSTERIOR>
            {content}
        </Card>
    }
}

#[component]
fn Numbers() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let evidence = expect_context::<EvidenceState>();
    let map = expect_context::<LatentMapState>();
    let exact = Memo::new(move |_| evidence.estimates.with(|estimates| estimates.exact.clone()));
    let shown = move |of: fn(&protocol::evidence::Quadrature) -> String| {
        exact.with(|exact| exact.as_deref().map_or_else(|| "…".to_owned(), of))
    };
    // log p(x) − ELBO, with the standard error of the sampled part.
    let difference = Memo::new(move |_| {
        let exact = exact.get()?;
        let (value, error) = evidence
            .estimates
            .with(|estimates| estimates.weights.reconstruction())?;
        let kl = view.encoded.with(|encoded| {
            let encoded = encoded.as_ref()?;
            let pairs = encoded.mu.iter().zip(&encoded.sigma);
            Some(
                pairs
                    .map(|(&mu, &sigma)| f64::from(Posterior { mu, sigma }.kl_from_prior()))
                    .sum::<f64>(),
            )
        })?;
        Some((exact.log_evidence - (value - kl), error + exact.error))
    });
    let agrees = Memo::new(move |_| {
        let (difference, error) = difference.get()?;
        let gap = exact.get()?.gap;
        Some((difference - gap).abs() <= 3.0 * error + 0.01)
    });
    let near = move |exact: &Arc<protocol::evidence::Quadrature>| {
        let widest = exact
            .standard_deviation
            .iter()
            .copied()
            .fold(0.05, f64::max);
        map.viewport.set(Viewport {
            centre: exact.mean,
            half: (5.0 * widest).clamp(0.2, 6.0),
        });
    };
    view! {
        <dl class="numbers">
            <div class="strong">
                <dt>
                    <Tooltip text=glossary::EVIDENCE>"log p(x)"</Tooltip>
                </dt>
                <dd data-testid="log-px-exact">
                    {move || shown(|exact| nats_with_error(exact.log_evidence, exact.error))}
                </dd>
            </div>
            <div>
                <dt>"KL(q ‖ p(z|x)), integrated"</dt>
                <dd data-testid="gap-integrated">{move || shown(|exact| nats(exact.gap))}</dd>
            </div>
            <div>
                <dt>"log p(x) − ELBO, sampled"</dt>
                <dd data-testid="gap-sampled">
                    {move || difference.get().map_or_else(|| "…".to_owned(), |(value, error)| nats_with_error(value, error))}
                </dd>
            </div>
            <div>
                <dt>"the two agree"</dt>
                <dd data-testid="gap-agrees">
                    {move || match agrees.get() {
                        Some(true) => "yes",
                        Some(false) => "not yet",
                        None => "…",
                    }}
                </dd>
            </div>
        </dl>
        <p class="card-note">
            "On the plane above: the true posterior "
            <Tooltip text=glossary::TRUE_POSTERIOR>"p(z|x)"</Tooltip>
            " as " <span class="swatch posterior-swatch"></span>
            " a heat map, by quadrature on cells that are divided where it lies, and q(z|x) as ellipses at 1 and 2 σ. \
             Where the heat leaves the ellipses, no Gaussian along the axes could follow it: that is the gap."
        </p>
        <div class="card-buttons">
            <button
                type="button"
                data-testid="zoom-posterior"
                disabled=move || exact.with(Option::is_none)
                on:click=move |_| exact.with_untracked(|exact| exact.as_ref().map(near).unwrap_or_default())
            >
                "Zoom to the posterior"
            </button>
            <button type="button" on:click=move |_| map.viewport.set(Viewport::HOME)>
                "Whole plane"
            </button>
        </div>
    }
}
