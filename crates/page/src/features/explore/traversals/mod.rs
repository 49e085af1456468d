//! One row for each latent dimension, decoded from −3 to 3 with the others as they are.

pub(crate) mod row;
pub(crate) mod strips;

use crate::latent::kl_order;
use crate::latent::kl_order::Order;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use leptos::{ev, prelude::*};
use row::TraversalRow;
use strips::Strips;

/// All rows, the dimension that says most first.
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
    let order = Memo::new(move |_| kl.with(|kl| kl_order::by_kl(kl, size.get())));
    let strips = Strips::begin(order);
    let rows = move |dimensions: Vec<usize>| {
        dimensions
            .into_iter()
            .map(|index| view! { <TraversalRow index kl strips /> })
            .collect_view()
    };
    view! {
        <section class="traversals" aria-label="Traversals">
            <h3>"Each dimension by itself"</h3>
            <p class="traversals-note">
                "From −3 to 3, the others as they are. Press or drag to set it."
            </p>
            {move || {
                let Order { awake, asleep } = order.get();
                let count = asleep.len();
                let folded = (count > 0)
                    .then(|| {
                        view! {
                            <details
                                class="asleep"
                                prop:open=move || strips.unfolded()
                                on:toggle=move |event| strips.unfold(is_open(&event))
                            >
                                <summary>{format!("{count} more are ")} "collapsed"</summary>
                                <p class="traversals-note">
                                    <Tooltip text=glossary::COLLAPSED_DIMENSION>"Collapsed"</Tooltip>
                                    ": whatever their value, the picture stays the same."
                                </p>
                                {rows(asleep)}
                            </details>
                        }
                    });
                view! {
                    {rows(awake)}
                    {folded}
                }
            }}
        </section>
    }
}

/// Whether the details that this event is about are shown.
fn is_open(event: &ev::Event) -> bool {
    event_target::<web_sys::Element>(event).has_attribute("open")
}
