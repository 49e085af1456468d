//! The layer of the best axis-aligned Gaussian for the image.

use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::plane::closed_path;
use crate::features::latent_map::state::LatentMapState;
use leptos::prelude::*;
use std::f64::consts::TAU;

/// Corners of the polygon that is drawn as an ellipse.
const CORNERS: u32 = 48;

/// Ellipses at 1 and 2 σ.
#[component]
pub(crate) fn BestGaussianLayer() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let map = expect_context::<LatentMapState>();
    let split = Memo::new(move |_| evidence.estimates.with(|estimates| estimates.gap_split));
    let path = move || {
        let best = split.get()?.best;
        let slice = map.slice.get();
        if slice.size() != 2 {
            return None;
        }
        let viewport = map.viewport.get();
        let ellipses = [1.0, 2.0].map(|radius| {
            let corners: Vec<[f64; 2]> = (0..CORNERS)
                .map(|corner| {
                    let angle = TAU * f64::from(corner) / f64::from(CORNERS);
                    let x = best.mu[0] + radius * best.sigma[0] * angle.cos();
                    let y = best.mu[1] + radius * best.sigma[1] * angle.sin();
                    slice.to_map(&[x as f32, y as f32])
                })
                .collect();
            closed_path(&viewport, &corners)
        });
        Some(view! { <path d=ellipses.concat() /> })
    };
    view! {
        <g class="best-gaussian" data-testid="best-gaussian" clip-path="url(#plane-clip)">
            {path}
        </g>
    }
}
