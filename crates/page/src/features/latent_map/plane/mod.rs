//! The plane of two latent dimensions: the map, and the hand that moves on it.

pub(crate) mod backdrop;
pub(crate) mod density_layer;
pub(crate) mod gestures;
pub(crate) mod hover_card;
pub(crate) mod points_layer;
pub(crate) mod posterior_ellipses;
pub(crate) mod tile_layer;
pub(crate) mod zoom_buttons;

use crate::features::latent_map::latent_slice::Scale;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::viewport::Viewport;
use crate::number::format;
use crate::state::latent_vector::LatentVector;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use backdrop::{Backdrop, Ticks};
use density_layer::DensityLayer;
use gestures::Gestures;
use hover_card::HoverCard;
use leptos::{ev, prelude::*};
use points_layer::PointsLayer;
use posterior_ellipses::PosteriorEllipses;
use tile_layer::TileLayer;
use zoom_buttons::ZoomButtons;

/// How far an arrow key moves z, and how far with Shift.
const STRIDE: f64 = 0.1;
const SMALL_STRIDE: f64 = 0.01;
/// How much nearer one press of a key or button is.
const ZOOM: f64 = 1.5;

/// Layers of other features between the map and the handle of z: SVG in the drawing's units, see [`to_svg`].
#[derive(Clone, Copy)]
pub(crate) struct PlaneOverlays(pub(crate) fn() -> AnyView);

/// A square of the plane; press or drag to set z.
#[component]
pub(crate) fn Plane() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let map = expect_context::<LatentMapState>();
    let PlaneOverlays(overlays) = expect_context();
    // z on the map, and the same as values.
    let at = Memo::new(move |_| map.slice.with(|slice| slice.to_map(&latent.z())));
    let values = Memo::new(move |_| map.slice.with(|slice| slice.coordinates(&latent.z())));
    let gestures = Gestures::new(latent, map);
    let on_keydown = move |event: ev::KeyboardEvent| {
        let stride = if event.shift_key() {
            SMALL_STRIDE
        } else {
            STRIDE
        };
        let here = move || at.get_untracked();
        let (dx, dy) = match event.key().as_str() {
            "ArrowLeft" => (-stride, 0.0),
            "ArrowRight" => (stride, 0.0),
            "ArrowUp" => (0.0, stride),
            "ArrowDown" => (0.0, -stride),
            "Home" => {
                event.prevent_default();
                map.viewport.set(Viewport::HOME);
                return latent.reset(event.time_stamp());
            }
            "+" | "=" => {
                return map
                    .viewport
                    .update(|view| *view = view.zoomed(ZOOM, here()));
            }
            "-" => {
                return map
                    .viewport
                    .update(|view| *view = view.zoomed(1.0 / ZOOM, here()));
            }
            "0" => return map.viewport.set(Viewport::HOME),
            _ => return,
        };
        event.prevent_default();
        let [x, y] = values.get_untracked();
        let z = map.slice.with_untracked(|slice| {
            let to = [x + dx, y + dy].map(|value| slice.scale.place(value));
            slice.slider_z(to, &latent.z_untracked())
        });
        latent.set(z, event.time_stamp());
        map.viewport.update(|view| *view = view.showing(here()));
    };
    let wheel = move |event: ev::WheelEvent| gestures.wheel(&event);

    // In the drawing's units, −3 to 3.
    let place = Memo::new(move |_| to_svg(&map.viewport.get(), at.get()));
    let outside = move || place.get().iter().any(|at| at.abs() > 3.0);
    let handle = move || place.get().map(|at| at.clamp(-3.0, 3.0));
    let says = move || {
        let [x, y] = values.get().map(|value| format::latent(value as f32));
        format!(
            "Latent plane: {} {x}, {} {y}",
            map.axis_name(0),
            map.axis_name(1)
        )
    };
    view! {
        <div class="plane" class:with-pictures=move || map.pictures.get()>
            <div class="plane-square">
                <div class="map-layers">
                    <Show when=move || map.pictures.get()>
                        <TileLayer />
                    </Show>
                    <Show when=move || map.density.get()>
                        <DensityLayer />
                    </Show>
                    <PointsLayer />
                </div>
                <svg
                    class="plane-area"
                    class:dragging=move || gestures.is_setting_z()
                    class:moving=move || gestures.is_panning()
                    data-testid="latent-plane"
                    viewBox="-3 -3 6 6"
                    tabindex="0"
                    role="application"
                    aria-roledescription="two-dimensional slider"
                    aria-label=says
                    aria-describedby="plane-help"
                    on:pointerdown=move |event| gestures.pointer_down(&event)
                    on:pointermove=move |event| gestures.pointer_move(&event)
                    on:pointerup=move |event| gestures.pointer_up(&event)
                    on:pointercancel=move |event| gestures.pointer_up(&event)
                    on:pointerleave=move |_| gestures.pointer_leave()
                    on:wheel=wheel
                    on:keydown=on_keydown
                >
                    <Backdrop />
                    {overlays()}
                    <path
                        class="crosshair"
                        d=move || {
                            let [x, y] = handle();
                            format!("M{x} 0V{y}M0 {y}H{x}")
                        }
                    />
                    <circle
                        class="halo"
                        cx=move || handle()[0].to_string()
                        cy=move || handle()[1].to_string()
                        r="0.26"
                    />
                    <circle
                        class="handle"
                        class:outside=outside
                        cx=move || handle()[0].to_string()
                        cy=move || handle()[1].to_string()
                        r="0.12"
                    />
                    <PosteriorEllipses />
                    <Ticks />
                </svg>
                <ZoomButtons />
                <HoverCard />
            </div>
            <p class="visually-hidden" id="plane-help">
                "Arrow keys move z by 0.1, with Shift by 0.01. Plus and minus zoom, 0 shows −3 to 3 again. \
                 Home sets z to zero."
            </p>
        </div>
    }
}

/// Where a place on the map lies in the drawing, which goes from −3 to 3 and counts downwards, whatever is in view.
pub(crate) fn to_svg(view: &Viewport, place: [f64; 2]) -> [f64; 2] {
    view.to_fraction(place).map(|share| (share - 0.5) * 6.0)
}

/// Through these places, as a closed path of the drawing.
pub(crate) fn closed_path(view: &Viewport, places: &[[f64; 2]]) -> String {
    let mut path = String::new();
    for (i, place) in places.iter().enumerate() {
        let [x, y] = to_svg(view, *place);
        let to = if i == 0 { 'M' } else { 'L' };
        path += &format!("{to}{x:.4} {y:.4}");
    }
    path + "Z"
}

/// The drawing's units in one of the map's.
fn scale(view: &Viewport) -> f64 {
    3.0 / view.half
}

/// What the circles on the plane are.
#[component]
pub(crate) fn PlaneNote() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let bent = move || map.scale.get() == Scale::Quantile;
    view! {
        <p class="plane-note">
            {move || if bent() { "outlines: 1 and 2 " } else { "circles: 1 and 2 " }} <Tooltip text=glossary::SIGMA>
                <i>"σ"</i>
            </Tooltip> " of the prior " <Tooltip text=glossary::PRIOR>
                <i>"p"</i>
                "("
                <i>"z"</i>
                ")"
            </Tooltip>
        </p>
    }
}
