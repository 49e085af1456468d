//! The layer of encoded images.

use crate::dom;
use crate::features::latent_map::points;
use crate::features::latent_map::state::LatentMapState;
use leptos::{html, prelude::*};

/// Largest canvas side in pixels.
const MAX_SIDE: f64 = 1024.0;

/// A dot for each encoded image, at its μ.
#[component]
pub(crate) fn PointsLayer() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let canvas = NodeRef::<html::Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = canvas.get() else { return };
        let ratio = window().device_pixel_ratio();
        let side = (f64::from(canvas.client_width()) * ratio).clamp(1.0, MAX_SIDE) as usize;
        let viewport = map.viewport.get();
        let colours = dom::class_colours();
        let rgba = map.points.with(|all| {
            map.slice
                .with(|slice| points::paint(all, slice, &viewport, side, &colours))
        });
        if let Err(error) = dom::put_pixels(&canvas, &rgba, [side; 2]) {
            leptos::logging::error!("canvas: {error:?}");
        }
    });
    view! { <canvas node_ref=canvas class="map-points" data-testid="map-points" aria-hidden="true"></canvas> }
}
