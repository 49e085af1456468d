//! The plane of two latent dimensions: the map, and the hand that moves on it.

mod backdrop;
mod gestures;
mod hover_card;
mod pictures;
mod points;
mod posterior;
mod zoom;

use crate::{
    latent::number,
    map::viewport::Viewport,
    state::{Latent, MapView},
    term::{Term, explain},
};
use backdrop::{Backdrop, Ticks};
use gestures::Gestures;
use hover_card::HoverCard;
use leptos::{ev, prelude::*};
use pictures::Pictures;
use points::PointsLayer;
use posterior::PosteriorEllipses;
use zoom::ZoomButtons;

/// How far an arrow key moves z, and how far with Shift.
const STRIDE: f32 = 0.1;
const SMALL_STRIDE: f32 = 0.01;
/// How much nearer one press of a key or button is.
const ZOOM: f64 = 1.5;

/// A square of the plane; press or drag to set z.
#[component]
pub(crate) fn Plane() -> impl IntoView {
    let latent = expect_context::<Latent>();
    let map = expect_context::<MapView>();
    let x = Memo::new(move |_| latent.value(0));
    let y = Memo::new(move |_| latent.value(1));
    let gestures = Gestures::new(latent, map);
    let on_keydown = move |event: ev::KeyboardEvent| {
        let stride = if event.shift_key() {
            SMALL_STRIDE
        } else {
            STRIDE
        };
        let here = move || [x, y].map(|value| f64::from(value.get_untracked()));
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
        let (z1, z2) = (x.get_untracked() + dx, y.get_untracked() + dy);
        latent.set_plane(z1, z2, event.time_stamp());
        map.viewport.update(|view| *view = view.showing(here()));
    };
    let wheel = move |event: ev::WheelEvent| gestures.wheel(&event);

    // In the drawing's units, −3 to 3.
    let place = Memo::new(move |_| {
        let z = [x, y].map(|value| f64::from(value.get()));
        drawn(&map.viewport.get(), z)
    });
    let outside = move || place.get().iter().any(|at| at.abs() > 3.0);
    let handle = move || place.get().map(|at| at.clamp(-3.0, 3.0));
    let says = move || {
        format!(
            "Latent plane: z₁ {}, z₂ {}",
            number::shown(x.get()),
            number::shown(y.get())
        )
    };
    view! {
        <div class="plane" class:with-pictures=move || map.pictures.get()>
            <div class="plane-square">
                <div class="map-layers">
                    <Show when=move || map.pictures.get()>
                        <Pictures />
                    </Show>
                    <PointsLayer />
                </div>
                <svg
                    class="plane-area"
                    class:dragging=move || gestures.chooses()
                    class:moving=move || gestures.moves()
                    data-testid="latent-plane"
                    viewBox="-3 -3 6 6"
                    tabindex="0"
                    role="application"
                    aria-roledescription="two-dimensional slider"
                    aria-label=says
                    aria-describedby="plane-help"
                    on:pointerdown=move |event| gestures.press(&event)
                    on:pointermove=move |event| gestures.go(&event)
                    on:pointerup=move |event| gestures.release(&event)
                    on:pointercancel=move |event| gestures.release(&event)
                    on:pointerleave=move |_| gestures.leave()
                    on:wheel=wheel
                    on:keydown=on_keydown
                >
                    <Backdrop />
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

/// Where a z lies in the drawing, which goes from −3 to 3 and counts downwards, whatever is in view.
fn drawn(view: &Viewport, z: [f64; 2]) -> [f64; 2] {
    view.share(z).map(|share| (share - 0.5) * 6.0)
}

/// The drawing's units in one of z.
fn scale(view: &Viewport) -> f64 {
    3.0 / view.half
}

/// What the circles on the plane are.
#[component]
pub(crate) fn PlaneNote() -> impl IntoView {
    view! {
        <p class="plane-note">
            "circles: 1 and 2 " <Term tip=explain::SIGMA>
                <i>"σ"</i>
            </Term> " of the prior " <Term tip=explain::PRIOR>
                <i>"p"</i>
                "("
                <i>"z"</i>
                ")"
            </Term>
        </p>
    }
}
