//! One slider per latent dimension.

use crate::features::decoder::slider_row::SliderRow;
use crate::latent::kl_order::{KlOrder, shown_count};
use crate::state::engine_view::EngineView;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// All sliders by decreasing KL; collapsed dimensions are folded, and of many dimensions those with the smallest KL.
#[component]
pub(crate) fn Sliders(
    /// Number of latent dimensions.
    size: usize,
) -> impl IntoView {
    let view = expect_context::<EngineView>();
    let kl = Memo::new(move |_| {
        view.model
            .with(|model| model.as_ref().map(|model| model.kl_per_dimension.clone()))
            .filter(|kl| kl.len() == size)
            .unwrap_or_default()
    });
    // Two dimensions keep the order of the plane's axes.
    let order = Memo::new(move |_| match size {
        0..=2 => KlOrder::new(&[], size),
        _ => kl.with(|kl| KlOrder::new(kl, size)),
    });
    let rows = move |dimensions: Vec<usize>| {
        let largest = kl.with(|kl| kl.iter().copied().fold(0.0, f64::max));
        let nats = |index: usize| kl.with(|kl| kl.get(index).map(|kl| (*kl, *kl / largest)));
        dimensions
            .into_iter()
            .map(|index| view! { <SliderRow index kl=nats(index) /> })
            .collect_view()
    };
    view! {
        {move || {
            let KlOrder { mut active, collapsed } = order.get();
            let rest = active.split_off(shown_count(active.len()));
            let more = (!rest.is_empty())
                .then(|| {
                    view! {
                        <details class="collapsed-dimensions" data-testid="more-dimensions">
                            <summary>{format!("More dimensions ({})", rest.len())}</summary>
                            <div class="sliders">{rows(rest)}</div>
                        </details>
                    }
                });
            let count = collapsed.len();
            let folded = (count > 0)
                .then(|| {
                    view! {
                        <details class="collapsed-dimensions" data-testid="collapsed">
                            <summary>{format!("Collapsed dimensions ({count})")}</summary>
                            <p class="collapsed-note">
                                <Tooltip text=glossary::COLLAPSED_DIMENSION>"Collapsed"</Tooltip>
                                ": the decoder ignores them."
                            </p>
                            <div class="sliders">{rows(collapsed)}</div>
                        </details>
                    }
                });
            view! {
                <div class="sliders">{rows(active)}</div>
                {more}
                {folded}
            }
        }}
    }
}
