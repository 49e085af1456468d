//! Latent traversals: one row of decoded images for each latent dimension, which runs from −3 to 3 while the
//! others stay fixed.

pub(crate) mod row;
pub(crate) mod strips;

use crate::latent::kl_order::{KlOrder, shown_count};
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{ev, prelude::*};
use row::TraversalRow;
use strips::StripCache;

/// All rows by decreasing KL; collapsed dimensions are folded, and of many dimensions those with the smallest KL.
#[component]
pub(crate) fn Traversals() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let view = expect_context::<EngineView>();
    let size = Memo::new(move |_| latent.size());
    let kl = Memo::new(move |_| {
        view.model
            .with(|model| model.as_ref().map(|model| model.kl_per_dimension.clone()))
            .unwrap_or_default()
    });
    let order = Memo::new(move |_| kl.with(|kl| KlOrder::new(kl, size.get())));
    let strips = StripCache::new(order);
    let rows = move |dimensions: Vec<usize>| {
        dimensions
            .into_iter()
            .map(|index| view! { <TraversalRow index kl strips /> })
            .collect_view()
    };
    view! {
        <section class="traversals" aria-label="Latent traversals">
            <h3>"Latent traversals"</h3>
            <p class="traversals-note">
                "One dimension runs from −3 to 3, the others stay fixed. Press or drag to set it."
            </p>
            {move || {
                let KlOrder { mut active, collapsed } = order.get();
                let rest = active.split_off(shown_count(active.len()));
                let count = collapsed.len();
                let folded = (count > 0)
                    .then(|| {
                        view! {
                            <details
                                class="collapsed-dimensions"
                                prop:open=move || strips.shows_collapsed()
                                on:toggle=move |event| strips.show_collapsed(is_open(&event))
                            >
                                <summary>{format!("Collapsed dimensions ({count})")}</summary>
                                <p class="traversals-note">
                                    <Tooltip text=glossary::COLLAPSED_DIMENSION>"Collapsed"</Tooltip>
                                    ": the image does not depend on their values."
                                </p>
                                {rows(collapsed)}
                            </details>
                        }
                    });
                let more = (!rest.is_empty())
                    .then(|| {
                        view! {
                            <details
                                class="collapsed-dimensions"
                                data-testid="more-traversals"
                                prop:open=move || strips.shows_rest()
                                on:toggle=move |event| strips.show_rest(is_open(&event))
                            >
                                <summary>{format!("More dimensions ({})", rest.len())}</summary>
                                {rows(rest)}
                            </details>
                        }
                    });
                view! {
                    {rows(active)}
                    {more}
                    {folded}
                }
            }}
        </section>
    }
}

/// Whether the `<details>` element of a `toggle` event is open.
fn is_open(event: &ev::Event) -> bool {
    event_target::<web_sys::Element>(event).has_attribute("open")
}
