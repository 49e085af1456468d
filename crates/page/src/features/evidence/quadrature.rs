//! log p(x) and the true posterior by quadrature, for two-dimensional models.

use crate::features::evidence::gap_split::caption::GapCaption;
use crate::features::evidence::sections::Section;
use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::viewport::Viewport;
use crate::latent::posterior::Posterior;
use crate::number::format::{nats, nats_with_error};
use crate::state::engine_view::EngineView;
use crate::ui::button::Button;
use crate::ui::card::Card;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;
use protocol::evidence::Quadrature;
use std::sync::Arc;

/// The exact value and a check of the gap, or why they are not available.
#[component]
pub(crate) fn QuadratureCard() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let size = Memo::new(move |_| {
        view.encoded
            .with(|encoded| encoded.as_ref().map(|encoded| encoded.mu.len()))
    });
    let has_quadrature = Memo::new(move |_| {
        let model = view.model.get();
        model.is_some_and(|model| model.has_quadrature())
    });
    let content = move || {
        if has_quadrature.get() {
            view! { <Numbers /> }.into_any()
        } else if size.get() == Some(2) {
            view! {
                <p class="card-note" data-testid="no-exact">
                    "This model's likelihood is a discretized logistic. Quadrature evaluates log p(x|z) on thousands of \
                     points z by one matrix product, which a Bernoulli or a Gaussian likelihood allows, and this one does \
                     not. The bounds below work for any likelihood."
                </p>
            }
                .into_any()
        } else {
            view! {
                <p class="card-note" data-testid="no-exact">
                    "This model has " {move || size.get().unwrap_or_default()}
                    " latent dimensions. Quadrature sums over a grid: 64 points per dimension make 4,096 in 2-D, but 64"
                    <sup>{move || size.get().unwrap_or_default()}</sup>
                    " here. Choose a two-dimensional model to see it; the bounds below work for any number of \
                     dimensions."
                </p>
            }
                .into_any()
        }
    };
    view! {
        <Card id=Section::EXACT.id title="Exact in two dimensions" source="Notes, sections 1 and 4" equation=equations::MARGINAL_AND_POSTERIOR>
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
    let shown = move |of: fn(&Quadrature) -> String| {
        exact.with(|exact| exact.as_deref().map_or_else(|| "…".to_owned(), of))
    };
    // log p(x) − ELBO, with its error.
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
    let split = Memo::new(move |_| evidence.estimates.with(|estimates| estimates.gap_split));
    let zoom_to = move |exact: &Arc<Quadrature>| {
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
                <dt>"KL(q ‖ p(z|x)), by quadrature"</dt>
                <dd data-testid="gap-integrated">{move || shown(|exact| nats(exact.gap))}</dd>
            </div>
            <div>
                <dt>"log p(x) − ELBO, by sampling"</dt>
                <dd data-testid="gap-sampled">
                    {move || difference.get().map_or_else(|| "…".to_owned(), |(value, error)| nats_with_error(value, error))}
                </dd>
            </div>
            <div>
                <dt>"do both agree?"</dt>
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
            "On the plane above you see the true posterior "
            <Tooltip text=glossary::TRUE_POSTERIOR>"p(z|x)"</Tooltip>
            " as " <span class="swatch posterior-swatch"></span>
            " a heat map, computed by adaptive quadrature, and q(z|x) as ellipses at 1 and 2 σ. The gap between log p(x) \
             and the ELBO is how far the two are apart."
        </p>
        <GapCaption split />
        <div class="card-buttons">
            <Button
                test_id="zoom-posterior"
                disabled=move || exact.with(Option::is_none)
                on_click=move |_| exact.with_untracked(|exact| exact.as_ref().map(zoom_to).unwrap_or_default())
            >
                "Zoom to the posterior"
            </Button>
            <Button on_click=move |_| map.viewport.set(Viewport::HOME)>"Whole plane"</Button>
        </div>
    }
}
