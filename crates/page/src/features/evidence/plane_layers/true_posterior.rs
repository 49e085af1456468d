//! The true posterior p(z|x) as a heat map, where it is known.

use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::plane::closed_path;
use crate::features::latent_map::state::LatentMapState;
use leptos::prelude::*;

/// Shades of heat.
const SHADES: usize = 8;
/// What is less than this share of the largest density is not to_svg.
const FAINTEST: f64 = 0.01;

/// One path for each shade.
#[component]
pub(crate) fn TruePosteriorLayer() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let map = expect_context::<LatentMapState>();
    let exact = Memo::new(move |_| evidence.estimates.with(|estimates| estimates.exact.clone()));
    let shades = move || {
        let exact = exact.get()?;
        let slice = map.slice.get();
        if slice.size() != 2 {
            return None;
        }
        let viewport = map.viewport.get();
        let cells = || exact.cells.as_chunks::<4>().0.iter();
        let top = cells()
            .map(|cell| cell[3])
            .fold(f32::NEG_INFINITY, f32::max);
        let mut paths = vec![String::new(); SHADES];
        for &[x, y, width, log] in cells() {
            let share = f64::from(log - top).exp();
            if share < FAINTEST {
                continue;
            }
            let shade = ((share * SHADES as f64) as usize).min(SHADES - 1);
            let half = width / 2.0;
            let corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
                .map(|(dx, dy)| slice.to_map(&[x + dx, y + dy]));
            paths[shade] += &closed_path(&viewport, &corners);
        }
        let to_svg = paths.into_iter().enumerate().map(|(shade, d)| {
            let opacity = (shade + 1) as f64 / SHADES as f64;
            view! { <path d=d fill-opacity=format!("{opacity:.3}") /> }
        });
        Some(to_svg.collect_view())
    };
    view! {
        <g class="true-posterior" data-testid="true-posterior" clip-path="url(#plane-clip)">
            {shades}
        </g>
    }
}
