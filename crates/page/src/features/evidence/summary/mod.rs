//! What stays in view while the panel scrolls: the image, its main numbers, *Compute all*, and the list of contents.
pub(crate) mod compute_all;
pub(crate) mod contents;

use crate::dom;
use crate::features::evidence::elbo::kl_of_dimensions;
use crate::features::evidence::state::EvidenceState;
use crate::number::format::{nats, nats_with_error};
use crate::state::engine_view::EngineView;
use compute_all::ComputeAll;
use contents::Contents;
use leptos::{html, prelude::*};

/// The summary.
#[component]
pub(crate) fn Summary() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let evidence = expect_context::<EvidenceState>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        if let (Some(encoded), Some(canvas)) = (view.encoded.get(), canvas.get()) {
            dom::draw_image(&canvas, &encoded.image.pixels, encoded.image.shape);
        }
    });
    let is_encoded = Memo::new(move |_| view.encoded.with(Option::is_some));
    // As in the card of the ELBO: reconstruction by sampling, KL in closed form.
    let elbo = Memo::new(move |_| {
        let kl: f64 = view
            .encoded
            .with(|encoded| Some(kl_of_dimensions(encoded.as_ref()?).iter().sum()))?;
        let (value, error) = evidence
            .estimates
            .with(|estimates| estimates.weights.reconstruction())?;
        Some((value - kl, error))
    });
    let bound = Memo::new(move |_| {
        evidence
            .estimates
            .with(|estimates| estimates.weights.bounds().last().map(|(_, bound)| *bound))
    });
    let exact = Memo::new(move |_| {
        evidence.estimates.with(|estimates| {
            let exact = estimates.exact.as_ref()?;
            Some((exact.log_evidence, exact.gap))
        })
    });
    let elbo = move || {
        let elbo = elbo.get();
        elbo.map_or_else(
            || "…".to_owned(),
            |(value, error)| nats_with_error(value, error),
        )
    };
    let log_evidence = move || match (exact.get(), bound.get()) {
        (Some((value, _)), _) => nats(value),
        (None, Some(bound)) => {
            format!("≥ {}", nats_with_error(bound.value, bound.standard_error))
        }
        (None, None) => "…".to_owned(),
    };
    let gap = move || {
        exact.get().map(|(_, gap)| {
            view! {
                <div>
                    <dt>"gap"</dt>
                    <dd data-testid="summary-gap">{nats(gap)}</dd>
                </div>
            }
        })
    };
    view! {
        <aside class="evidence-summary" aria-label="Summary and contents">
            <Show when=move || is_encoded.get()>
                <canvas node_ref=canvas data-testid="summary-image" role="img" aria-label="The chosen image x"></canvas>
                <dl>
                    <div>
                        <dt>"ELBO"</dt>
                        <dd data-testid="summary-elbo">{elbo}</dd>
                    </div>
                    <div>
                        <dt>"log p(x)"</dt>
                        <dd data-testid="summary-evidence">{log_evidence}</dd>
                    </div>
                    {gap}
                </dl>
                <ComputeAll />
            </Show>
            <Contents />
        </aside>
    }
}
