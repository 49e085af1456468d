//! The plane: draws the map and sets z by pointer and keyboard.

pub(crate) mod backdrop;
pub(crate) mod class_labels;
pub(crate) mod density_layer;
pub(crate) mod gestures;
pub(crate) mod hover_card;
pub(crate) mod pan_zoom;
pub(crate) mod points_layer;
pub(crate) mod posterior_ellipses;
pub(crate) mod tile_layer;
pub(crate) mod wheel;
pub(crate) mod wheel_hint;
pub(crate) mod zoom_buttons;

use crate::dom;
use crate::dom::listener::Listener;
use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::scale::Scale;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::viewport::Viewport;
use crate::number::format;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use crate::ui::glossary;
use crate::ui::tooltip::Tooltip;
use backdrop::{Backdrop, Ticks};
use class_labels::ClassLabels;
use density_layer::DensityLayer;
use gestures::Gestures;
use hover_card::HoverCard;
use leptos::{ev, html, prelude::*};
use points_layer::PointsLayer;
use posterior_ellipses::PosteriorEllipses;
use tile_layer::TileLayer;
use zoom_buttons::ZoomButtons;

/// Step of the arrow keys, without and with Shift.
const STEP: f64 = 0.1;
const SMALL_STEP: f64 = 0.01;
/// Zoom factor of keys and buttons.
const ZOOM: f64 = 1.5;

/// SVG layers of other features, drawn between the map and the handle of z. Their units are those of [`to_svg`].
#[derive(Clone, Copy)]
pub(crate) struct PlaneOverlays(pub(crate) fn() -> AnyView);

/// A square of the plane; press or drag to set z.
#[component]
pub(crate) fn Plane() -> impl IntoView {
    let latent = expect_context::<LatentVector>();
    let map = expect_context::<LatentMapState>();
    let PlaneOverlays(overlays) = expect_context();
    // Map position and coordinates of z.
    let at = Memo::new(move |_| map.slice.with(|slice| slice.to_map(&latent.z())));
    let values = Memo::new(move |_| map.slice.with(|slice| slice.coordinates(&latent.z())));
    let gestures = Gestures::new(latent, map);
    let view = expect_context::<EngineView>();
    let is_color = Memo::new(move |_| view.shape().is_color());
    let square = NodeRef::<html::Div>::new();
    Effect::new(move |before: Option<u32>| {
        let count = map.revealed.get();
        if let (Some(before), Some(square)) = (before, square.get_untracked())
            && before != count
        {
            dom::scroll_into_view(&square);
        }
        count
    });
    let on_keydown = move |event: ev::KeyboardEvent| {
        let step = if event.shift_key() { SMALL_STEP } else { STEP };
        let current = move || at.get_untracked();
        let (dx, dy) = match event.key().as_str() {
            "ArrowLeft" => (-step, 0.0),
            "ArrowRight" => (step, 0.0),
            "ArrowUp" => (0.0, step),
            "ArrowDown" => (0.0, -step),
            "Home" => {
                event.prevent_default();
                map.viewport.set(Viewport::HOME);
                return latent.reset(event.time_stamp());
            }
            "+" | "=" => {
                return map
                    .viewport
                    .update(|view| *view = view.zoomed(ZOOM, current()));
            }
            "-" => {
                return map
                    .viewport
                    .update(|view| *view = view.zoomed(1.0 / ZOOM, current()));
            }
            "0" => return map.viewport.set(Viewport::HOME),
            _ => return,
        };
        event.prevent_default();
        let [x, y] = values.get_untracked();
        let z = map.slice.with_untracked(|slice| {
            let to = [x + dx, y + dy].map(|value| slice.scale.to_map(value));
            slice.slider_z(to, &latent.z_untracked())
        });
        latent.set(z, event.time_stamp());
        map.viewport
            .update(|view| *view = view.scrolled_to(current()));
    };
    let wheel = move |event: ev::WheelEvent| gestures.wheel(&event);
    // Owned by the component, so that it is removed with it.
    StoredValue::new_local(Listener::new(&window(), "wheel", move |event| {
        gestures.wheel_on_page(event.time_stamp());
    }));

    // In SVG units, −3 to 3.
    let position = Memo::new(move |_| to_svg(&map.viewport.get(), at.get()));
    let outside = move || position.get().iter().any(|at| at.abs() > 3.0);
    let handle = move || position.get().map(|at| at.clamp(-3.0, 3.0));
    let label = move || {
        let [x, y] = values.get().map(|value| format::latent(value as f32));
        format!(
            "Latent plane: {} {x}, {} {y}",
            map.axis_name(0),
            map.axis_name(1)
        )
    };
    view! {
        <div
            class="plane"
            class:with-images=move || map.shows_images.get()
            class:with-points=move || map.shows_points()
            class:in-colour=move || is_color.get()
            class:on-dark=move || map.shows_images.get() || map.shows_points()
        >
            <div class="plane-square" node_ref=square on:wheel=wheel>
                <div class="map-layers">
                    <Show when=move || map.shows_images.get()>
                        <TileLayer />
                    </Show>
                    <Show when=move || map.shows_density.get()>
                        <DensityLayer />
                    </Show>
                    <PointsLayer />
                </div>
                <svg
                    class="plane-area"
                    class:dragging=move || gestures.is_setting_z()
                    class:moving=move || gestures.is_panning()
                    id="latent-plane"
                    data-testid="latent-plane"
                    viewBox="-3 -3 6 6"
                    tabindex="0"
                    role="application"
                    aria-roledescription="two-dimensional slider"
                    aria-label=label
                    aria-describedby="plane-help"
                    on:pointerdown=move |event| gestures.pointer_down(&event)
                    on:pointermove=move |event| gestures.pointer_move(&event)
                    on:pointerup=move |event| gestures.pointer_up(&event)
                    on:pointercancel=move |event| gestures.pointer_up(&event)
                    on:pointerleave=move |_| gestures.pointer_leave()
                    on:keydown=on_keydown
                >
                    <Backdrop />
                    <ClassLabels />
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
                {gestures.hint().view()}
                <HoverCard />
            </div>
            <p class="visually-hidden" id="plane-help">
                "Arrow keys move z by 0.1, or by 0.01 with Shift. Plus and minus zoom, 0 resets the view to −3 to 3. \
                 Home sets z to zero."
            </p>
        </div>
    }
}

/// Converts a map position to SVG units: −3 to 3 in view, with y downwards.
pub(crate) fn to_svg(view: &Viewport, position: [f64; 2]) -> [f64; 2] {
    view.fraction_of(position)
        .map(|fraction| (fraction - 0.5) * 6.0)
}

/// SVG path data of a polygon through map positions.
pub(crate) fn closed_path(view: &Viewport, positions: &[[f64; 2]]) -> String {
    let mut path = String::new();
    for (i, position) in positions.iter().enumerate() {
        let [x, y] = to_svg(view, *position);
        let command = if i == 0 { 'M' } else { 'L' };
        path += &format!("{command}{x:.4} {y:.4}");
    }
    path + "Z"
}

/// SVG path data of the contour of q(z|x) = N(μ, σ²) at this many standard deviations.
pub(crate) fn posterior_outline(
    view: &Viewport,
    slice: &LatentSlice,
    mu: &[f32],
    sigma: &[f32],
    sigmas: f64,
) -> String {
    let outline = slice.ellipse(slice.coordinates(mu), slice.covariance(sigma), sigmas);
    closed_path(view, &outline)
}

/// SVG units per unit of map position.
fn svg_scale(view: &Viewport) -> f64 {
    3.0 / view.half
}

/// Legend of the prior's contours.
#[component]
pub(crate) fn PlaneNote() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let is_distorted = move || map.scale.get() == Scale::Quantile;
    view! {
        <p class="plane-note">
            {move || if is_distorted() { "contours: 1 and 2 " } else { "circles: 1 and 2 " }} <Tooltip text=glossary::SIGMA>
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
