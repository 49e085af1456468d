//! The layer of the true posterior p(z|x), a heat map of the quadrature's result.

use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::plane::closed_path;
use crate::features::latent_map::state::LatentMapState;
use leptos::prelude::*;

/// Number of opacity levels.
const SHADES: usize = 8;
/// Smallest density that is drawn, relative to the largest.
const MIN_DENSITY: f64 = 0.01;

/// One path for each opacity level.
#[component]
pub(crate) fn TruePosteriorLayer() -> impl IntoView {
    let evidence = expect_context::<EvidenceState>();
    let map = expect_context::<LatentMapState>();
    let exact = Memo::new(move |_| evidence.estimates.with(|estimates| estimates.exact.clone()));
    let shades = Memo::new(move |_| {
        let exact = exact.get()?;
        let slice = map.slice.get();
        if slice.size() != 2 {
            return None;
        }
        let viewport = map.viewport.get();
        let cells = || exact.cells.as_chunks::<4>().0.iter();
        let largest = cells()
            .map(|cell| cell[3])
            .fold(f32::NEG_INFINITY, f32::max);
        let mut paths = vec![String::new(); SHADES];
        for &[x, y, width, log_density] in cells() {
            let density = f64::from(log_density - largest).exp();
            if density < MIN_DENSITY {
                continue;
            }
            let shade = ((density * SHADES as f64) as usize).min(SHADES - 1);
            let half = width / 2.0;
            let corners = [(-half, -half), (half, -half), (half, half), (-half, half)]
                .map(|(dx, dy)| slice.to_map(&[x + dx, y + dy]));
            paths[shade] += &closed_path(&viewport, &corners);
        }
        Some(paths)
    });
    // The elements stay while the quadrature is refined.
    let path = move |shade: usize| {
        let d = move || {
            shades.with(|paths| {
                let paths = paths.as_ref()?;
                paths.get(shade).cloned()
            })
        };
        let opacity = (shade + 1) as f64 / SHADES as f64;
        view! { <path d=d fill-opacity=format!("{opacity:.3}") /> }
    };
    let paths = move || (0..SHADES).map(path).collect_view();
    view! {
        <g class="true-posterior" data-testid="true-posterior" clip-path="url(#plane-clip)">
            <Show when=move || shades.with(Option::is_some)>{paths()}</Show>
        </g>
    }
}
