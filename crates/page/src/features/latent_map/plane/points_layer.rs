//! The layer of encoded images.

use crate::dom;
use crate::features::latent_map::paint_points::paint_points;
use crate::features::latent_map::state::LatentMapState;
use crate::ui::palette;
use leptos::{html, prelude::*};
use protocol::NO_LABEL;

/// Largest canvas side in pixels.
const MAX_SIDE: f64 = 1024.0;

/// A dot for each encoded image, at its μ.
#[component]
pub(crate) fn PointsLayer() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let canvas = NodeRef::<html::Canvas>::new();
    let colours = palette::label_colours(NO_LABEL);
    Effect::new(move |_| {
        let Some(canvas) = canvas.get() else { return };
        if map.points.with(|points| points.means.is_empty()) {
            // Without measuring the canvas, which makes the browser lay out the page while it starts.
            return dom::clear(&canvas);
        }
        let ratio = window().device_pixel_ratio();
        let side = (f64::from(canvas.client_width()) * ratio).clamp(1.0, MAX_SIDE) as usize;
        let viewport = map.viewport.get();
        let isolated = map.isolated.get();
        let rgba = map.points.with(|all| {
            map.slice
                .with(|slice| paint_points(all, slice, &viewport, side, &colours, isolated))
        });
        if let Err(error) = dom::put_pixels(&canvas, &rgba, [side; 2]) {
            leptos::logging::error!("canvas: {error:?}");
        }
    });
    view! { <canvas node_ref=canvas class="map-points" data-testid="map-points" aria-hidden="true"></canvas> }
}
