//! The path of a walk: spherical against linear.

use crate::features::explore::state::ExploreState;
use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::plane::to_svg;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::viewport::Viewport;
use crate::latent::interpolation::InterpolationPath;
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;

/// Points per segment.
const POINTS: usize = 24;

/// The path that z walks, or would walk through the pins: the chosen kind is solid, the other one dotted. Paths in
/// more than two dimensions are projected onto the plane.
#[component]
pub(crate) fn WalkPath() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let state = expect_context::<ExploreState>();
    let map = expect_context::<LatentMapState>();
    let path = Memo::new(move |_| {
        let walking = latent.playing().then(|| latent.current_path()).flatten();
        walking.or_else(|| state.is_open.get().then(|| state.path()).flatten())
    });
    // Map positions along the chosen path and along the other one.
    let positions = Memo::new(move |_| {
        let path = path.get()?;
        let slice = map.slice.get();
        if path.waypoints.iter().any(|z| z.len() != slice.size()) {
            return None;
        }
        let other = InterpolationPath {
            spherical: !path.spherical,
            ..path.clone()
        };
        Some([path, other].map(|path| on_map(&path, &slice)))
    });
    let line = move |which: usize| {
        let viewport = map.viewport.get();
        positions.with(|positions| {
            positions
                .as_ref()
                .map(|positions| open_path(&viewport, &positions[which]))
                .unwrap_or_default()
        })
    };
    view! {
        <g class="walk-path" data-testid="walk-path" clip-path="url(#plane-clip)">
            <path class="casing" d=move || line(0) />
            <path class="other" d=move || line(1) />
            <path class="chosen" d=move || line(0) />
        </g>
    }
}

fn on_map(path: &InterpolationPath, slice: &LatentSlice) -> Vec<[f64; 2]> {
    let points = path.samples(POINTS);
    points.iter().map(|z| slice.to_map(z)).collect()
}

/// SVG path data of a polyline through map positions.
fn open_path(view: &Viewport, positions: &[[f64; 2]]) -> String {
    let mut path = String::new();
    for (i, position) in positions.iter().enumerate() {
        let [x, y] = to_svg(view, *position);
        let command = if i == 0 { 'M' } else { 'L' };
        path += &format!("{command}{x:.3} {y:.3}");
    }
    path
}
