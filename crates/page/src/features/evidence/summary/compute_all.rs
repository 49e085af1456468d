//! *Compute all*: starts everything that otherwise waits for a button.

use crate::features::dataset::image_set::ImageSet;
use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::state::{LatentMapState, PointSource};
use crate::ui::button::Button;
use leptos::prelude::*;

/// The button, and what is still being computed.
#[component]
pub(crate) fn ComputeAll() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let map = expect_context::<LatentMapState>();
    let own = expect_context::<ImageSet>();
    let encodes = Memo::new(move |_| {
        map.source.get() != PointSource::None && !map.points.with(|points| points.is_complete())
    });
    let pending = Memo::new(move |_| {
        [
            (evidence.prior_sampling.get(), "samples"),
            (evidence.gradients_running.get(), "gradients"),
            (evidence.chain_running.get(), "chains"),
            (encodes.get(), "encoded images"),
        ]
        .into_iter()
        .filter_map(|(is_pending, name)| is_pending.then_some(name))
        .collect::<Vec<_>>()
    });
    let is_idle = Memo::new(move |_| pending.with(Vec::is_empty));
    let start = move |_| {
        map.show_images(own);
        evidence.compute_all.update(|count| *count += 1);
    };
    view! {
        <div class="compute-all">
            <Button
                test_id="evidence-compute-all"
                title="Gradient estimates, four Markov chains, and statistics of many encoded images"
                disabled=move || !is_idle.get()
                on_click=start
            >
                {move || if is_idle.get() { "Compute all" } else { "Computing…" }}
            </Button>
            <span class="map-status" data-testid="evidence-pending">
                {move || pending.with(|pending| pending.join(", "))}
            </span>
        </div>
    }
}

/// Calls `start` each time that *Compute all* is pressed, while the current owner lives.
pub(crate) fn on_compute_all(start: impl Fn() + 'static) {
    let count = expect_context::<EvidenceState>().compute_all;
    Effect::new(move |before: Option<u64>| {
        let now = count.get();
        if before.is_some_and(|before| before != now) {
            start();
        }
        now
    });
}
