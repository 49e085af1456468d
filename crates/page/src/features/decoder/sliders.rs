//! One slider for each latent dimension.

use crate::features::decoder::slider_row::SliderRow;
use crate::latent::kl_order;
use crate::latent::kl_order::Order;
use crate::state::engine_view::EngineView;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::prelude::*;

/// All rows, in as many columns as fit: the dimension that says most first, the collapsed folded away.
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
    // The plane's two stay as its axes are.
    let order = Memo::new(move |_| match size {
        0..=2 => kl_order::by_kl(&[], size),
        _ => kl.with(|kl| kl_order::by_kl(kl, size)),
    });
    let rows = move |dimensions: Vec<usize>| {
        let most = kl.with(|kl| kl.iter().copied().fold(0.0, f64::max));
        let nats = |index: usize| kl.with(|kl| kl.get(index).map(|kl| (*kl, *kl / most)));
        dimensions
            .into_iter()
            .map(|index| view! { <SliderRow index kl=nats(index) /> })
            .collect_view()
    };
    view! {
        {move || {
            let Order { awake, asleep } = order.get();
            let count = asleep.len();
            let folded = (count > 0)
                .then(|| {
                    view! {
                        <details class="asleep" data-testid="collapsed">
                            <summary>{format!("{count} more, collapsed")}</summary>
                            <p class="asleep-note">
                                <Tooltip text=glossary::COLLAPSED_DIMENSION>"Collapsed"</Tooltip>
                                ": the decoder ignores them."
                            </p>
                            <div class="sliders">{rows(asleep)}</div>
                        </details>
                    }
                });
            view! {
                <div class="sliders">{rows(awake)}</div>
                {folded}
            }
        }}
    }
}
