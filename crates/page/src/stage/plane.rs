//! The plane of two latent dimensions.

use crate::{
    latent::{REACH, number},
    state::{EngineView, Latent},
    term::{Term, explain},
};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;

/// How far an arrow key moves z, and how far with Shift.
const STRIDE: f32 = 0.1;
const SMALL_STRIDE: f32 = 0.01;

/// The prior's density at these radii, as the shading's opacity: exp(−r²/2).
const SHADING: [(f32, f32); 8] = [
    (0.0, 1.0),
    (0.5, 0.882),
    (1.0, 0.607),
    (1.4, 0.375),
    (1.8, 0.198),
    (2.2, 0.089),
    (2.6, 0.034),
    (3.0, 0.0),
];

/// A square from −3 to 3 in both directions; press or drag to set z.
#[component]
pub(crate) fn Plane() -> impl IntoView {
    let latent = expect_context::<Latent>();
    let view = expect_context::<EngineView>();
    let x = Memo::new(move |_| latent.value(0));
    let y = Memo::new(move |_| latent.value(1));
    let dragging = RwSignal::new(None::<i32>);

    let on_pointerdown = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let Some(plane) = plane_of(&event) {
            // Refused for a pointer that is gone again; the drag then ends at the plane's edge.
            let _ = plane.set_pointer_capture(event.pointer_id());
        }
        dragging.set(Some(event.pointer_id()));
        set_from(latent, &event);
    };
    let on_pointermove = move |event: ev::PointerEvent| {
        if dragging.get_untracked() == Some(event.pointer_id()) {
            set_from(latent, &event);
        }
    };
    let on_pointerend = move |event: ev::PointerEvent| {
        if dragging.get_untracked() == Some(event.pointer_id()) {
            dragging.set(None);
        }
    };
    let on_keydown = move |event: ev::KeyboardEvent| {
        let stride = if event.shift_key() {
            SMALL_STRIDE
        } else {
            STRIDE
        };
        let (dx, dy) = match event.key().as_str() {
            "ArrowLeft" => (-stride, 0.0),
            "ArrowRight" => (stride, 0.0),
            "ArrowUp" => (0.0, stride),
            "ArrowDown" => (0.0, -stride),
            "Home" => {
                event.prevent_default();
                return latent.reset(event.time_stamp());
            }
            _ => return,
        };
        event.prevent_default();
        latent.set_plane(
            x.get_untracked() + dx,
            y.get_untracked() + dy,
            event.time_stamp(),
        );
    };

    // q(z|x) at one and two σ, to scale.
    let posterior = move || {
        let encoded = view.encoded.get()?;
        let (&[x, y], &[width, height]) = (encoded.mu.as_slice(), encoded.sigma.as_slice()) else {
            return None;
        };
        let ellipse = |sigmas: f32| {
            view! {
                <ellipse
                    cx=x.to_string()
                    cy=(-y).to_string()
                    rx=(width * sigmas).to_string()
                    ry=(height * sigmas).to_string()
                />
            }
        };
        Some(view! {
            <g class="posterior" data-testid="posterior">
                {ellipse(2.0)} {ellipse(1.0)} <circle cx=x.to_string() cy=(-y).to_string() r="0.03" />
            </g>
        })
    };

    // SVG counts down, z₂ counts up.
    let handle_x = move || x.get().clamp(-REACH, REACH);
    let handle_y = move || -y.get().clamp(-REACH, REACH);
    let outside = move || x.get().abs() > REACH || y.get().abs() > REACH;
    let says = move || {
        format!(
            "Latent plane: z₁ {}, z₂ {}",
            number::shown(x.get()),
            number::shown(y.get())
        )
    };
    view! {
        <div class="plane">
            <svg
                class="plane-area"
                class:dragging=move || dragging.get().is_some()
                data-testid="latent-plane"
                viewBox="-3 -3 6 6"
                tabindex="0"
                role="application"
                aria-roledescription="two-dimensional slider"
                aria-label=says
                aria-describedby="plane-help"
                on:pointerdown=on_pointerdown
                on:pointermove=on_pointermove
                on:pointerup=on_pointerend
                on:pointercancel=on_pointerend
                on:keydown=on_keydown
            >
                <defs>
                    <radialGradient id="prior-shading" gradientUnits="userSpaceOnUse" cx="0" cy="0" r="3">
                        {SHADING
                            .map(|(radius, density)| {
                                view! {
                                    <stop
                                        offset=(radius / REACH).to_string()
                                        stop-opacity=density.to_string()
                                    />
                                }
                            })
                            .collect_view()}
                    </radialGradient>
                </defs>
                <rect class="ground" x="-3" y="-3" width="6" height="6" />
                <rect class="shading" x="-3" y="-3" width="6" height="6" fill="url(#prior-shading)" />
                <path class="grid" d="M-2-3V3M-1-3V3M1-3V3M2-3V3M-3-2H3M-3-1H3M-3 1H3M-3 2H3" />
                <path class="axis" d="M-3 0H3M0-3V3" />
                <circle class="sigma" r="1" />
                <circle class="sigma" r="2" />
                <text class="sigma-label" x="0.74" y="-0.78">"1σ"</text>
                <text class="sigma-label" x="1.45" y="-1.49">"2σ"</text>
                {(-3..=3)
                    .map(|tick| {
                        let text = tick.to_string().replace('-', "−");
                        view! {
                            <text class="tick" x=tick.to_string() y="3.3" text-anchor="middle">
                                {text.clone()}
                            </text>
                            <text class="tick" x="-3.12" y=(0.07 - f64::from(tick)).to_string() text-anchor="end">
                                {text}
                            </text>
                        }
                    })
                    .collect_view()}
                <text class="axis-label" x="2.93" y="-0.1" text-anchor="end">
                    "z"
                    <tspan class="sub" dy="0.05">
                        "1"
                    </tspan>
                </text>
                <text class="axis-label" x="0.1" y="-2.74">
                    "z"
                    <tspan class="sub" dy="0.05">
                        "2"
                    </tspan>
                </text>
                <path
                    class="crosshair"
                    d=move || format!("M{0} 0V{1}M0 {1}H{0}", handle_x(), handle_y())
                />
                <circle class="halo" cx=move || handle_x().to_string() cy=move || handle_y().to_string() r="0.26" />
                <circle
                    class="handle"
                    class:outside=outside
                    cx=move || handle_x().to_string()
                    cy=move || handle_y().to_string()
                    r="0.12"
                />
                {posterior}
            </svg>
            <p class="visually-hidden" id="plane-help">
                "Arrow keys move z by 0.1, with Shift by 0.01. Home sets it to zero."
            </p>
        </div>
    }
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

fn plane_of(event: &ev::PointerEvent) -> Option<web_sys::Element> {
    event.current_target()?.dyn_into().ok()
}

/// Sets z to where the pointer is.
fn set_from(latent: Latent, event: &ev::PointerEvent) {
    let Some(area) = plane_of(event).map(|plane| plane.get_bounding_client_rect()) else {
        return;
    };
    if area.width() <= 0.0 || area.height() <= 0.0 {
        return;
    }
    let across = (f64::from(event.client_x()) - area.left()) / area.width();
    let down = (f64::from(event.client_y()) - area.top()) / area.height();
    let reach = f64::from(REACH);
    latent.set_plane(
        ((across * 2.0 - 1.0) * reach) as f32,
        ((1.0 - down * 2.0) * reach) as f32,
        event.time_stamp(),
    );
}
