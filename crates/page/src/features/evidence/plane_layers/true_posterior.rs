//! The true posterior p(z|x) as a heat map, where it is known.

use crate::features::evidence::state::EvidenceView;
use crate::features::latent_map::plane::closed_path;
use crate::features::latent_map::state::MapView;
use leptos::prelude::*;

/// Shades of heat.
const SHADES: usize = 8;
/// What is less than this share of the largest density is not drawn.
const FAINTEST: f64 = 0.01;

/// One path for each shade.
#[component]
pub(crate) fn TruePosterior() -> impl IntoView {
    let evidence = expect_context::<EvidenceView>();
    let map = expect_context::<MapView>();
    let exact = Memo::new(move |_| evidence.findings.with(|findings| findings.exact.clone()));
    let shades = move || {
        let exact = exact.get()?;
        let chart = map.chart.get();
        if chart.size() != 2 {
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
                .map(|(dx, dy)| chart.place(&[x + dx, y + dy]));
            paths[shade] += &closed_path(&viewport, &corners);
        }
        let drawn = paths.into_iter().enumerate().map(|(shade, d)| {
            let opacity = (shade + 1) as f64 / SHADES as f64;
            view! { <path d=d fill-opacity=format!("{opacity:.3}") /> }
        });
        Some(drawn.collect_view())
    };
    view! {
        <g class="true-posterior" data-testid="true-posterior" clip-path="url(#plane-clip)">
            {shades}
        </g>
    }
}
