//! The pins, with their letters.

use crate::features::explore::pin_card::letter;
use crate::features::explore::pins::Pins;
use crate::features::latent_map::plane::to_svg;
use crate::features::latent_map::state::LatentMapState;
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;

/// Pins farther than this from the plane through z are faint: they are only projected onto it.
const NEAR: f32 = 0.25;

/// A marker for each pin in view.
#[component]
pub(crate) fn PinMarkers() -> impl IntoView {
    let pins = expect_context::<Pins>();
    let latent = expect_context::<LatentVector>();
    let map = expect_context::<LatentMapState>();
    // Map position, and whether the pin is near the plane.
    let places = Memo::new(move |_| {
        if pins.count() == 0 {
            return Vec::new();
        }
        let slice = map.slice.get();
        let here = slice.orthogonal_part(&latent.z());
        let place = |z: Vec<f32>| {
            let offset = slice.orthogonal_part(&z);
            let far = offset.iter().zip(&here).map(|(a, b)| (a - b) * (a - b));
            (slice.to_map(&z), far.sum::<f32>().sqrt() < NEAR)
        };
        let all = pins.all().into_iter();
        all.map(|z| (z.len() == slice.size()).then(|| place(z)))
            .collect::<Vec<_>>()
    });
    let markers = move || {
        let viewport = map.viewport.get();
        let marker = |(index, place): (usize, Option<([f64; 2], bool)>)| {
            let (at, is_near) = place?;
            let [x, y] = to_svg(&viewport, at);
            (x.abs() < 3.0 && y.abs() < 3.0).then(|| {
                view! {
                    <g class="pin-marker" class:projected=!is_near transform=format!("translate({x:.3} {y:.3})")>
                        <circle r="0.16" />
                        <text>{letter(index)}</text>
                    </g>
                }
            })
        };
        let markers = places.get().into_iter().enumerate().filter_map(marker);
        markers.collect_view()
    };
    view! { <g data-testid="pin-markers">{markers}</g> }
}
