//! The layer of the Markov chain's path.

use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::plane::to_svg;
use crate::features::latent_map::state::LatentMapState;
use leptos::prelude::*;

/// Largest number of transitions that are drawn.
const MAX_DRAWN: usize = 2_000;

/// The newest part of the path, and the chain's current state.
#[component]
pub(crate) fn McmcPath() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let map = expect_context::<LatentMapState>();
    let path = move || {
        let chain = evidence.chain.get();
        let slice = map.slice.get();
        let last = chain.last()?;
        if slice.size() != last.len() {
            return None;
        }
        let viewport = map.viewport.get();
        let at = |z: &[f32]| to_svg(&viewport, slice.to_map(z));
        let skipped = chain.states().len().saturating_sub(MAX_DRAWN);
        let mut d = String::new();
        for (i, z) in chain.states().skip(skipped).enumerate() {
            let [x, y] = at(z);
            let command = if i == 0 { 'M' } else { 'L' };
            d += &format!("{command}{x:.3} {y:.3}");
        }
        let [x, y] = at(last);
        Some(view! {
            <path d=d />
            <circle cx=x.to_string() cy=y.to_string() r="0.06" />
        })
    };
    view! {
        <g class="chain-path" data-testid="chain-path" clip-path="url(#plane-clip)">
            {path}
        </g>
    }
}
