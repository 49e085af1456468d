//! What the plane itself is: the prior, and the axes.

use super::{drawn, scale};
use crate::{latent::number, map::viewport::Viewport, state::MapView};
use leptos::prelude::*;

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

/// The ground, the prior's shading, the grid and the circles at 1 and 2 σ.
#[component]
pub(super) fn Backdrop() -> impl IntoView {
    let map = expect_context::<MapView>();
    let origin = Memo::new(move |_| map.viewport.with(|view| drawn(view, [0.0; 2])));
    let unit = Memo::new(move |_| map.viewport.with(scale));
    let grid = move || {
        let view = map.viewport.get();
        let [across, up] = view.ticks();
        let across = across
            .into_iter()
            .map(|z| format!("M{:.4} -3V3", drawn(&view, [z, 0.0])[0]));
        let up = up
            .into_iter()
            .map(|z| format!("M-3 {:.4}H3", drawn(&view, [0.0, z])[1]));
        across.chain(up).collect::<String>()
    };
    let circle = move |sigmas: f64| {
        view! {
            <circle
                class="sigma"
                cx=move || origin.get()[0].to_string()
                cy=move || origin.get()[1].to_string()
                r=move || (sigmas * unit.get()).to_string()
            />
        }
    };
    let label = move |sigmas: f64, text: &'static str| {
        // On the circle, up and to the right.
        let off = move || sigmas * unit.get() * std::f64::consts::FRAC_1_SQRT_2 + 0.04;
        view! {
            <text
                class="sigma-label"
                x=move || (origin.get()[0] + off()).to_string()
                y=move || (origin.get()[1] - off()).to_string()
            >
                {text}
            </text>
        }
    };
    view! {
        <defs>
            <clipPath id="plane-clip">
                <rect x="-3" y="-3" width="6" height="6" rx="0.06" />
            </clipPath>
            <radialGradient
                id="prior-shading"
                gradientUnits="userSpaceOnUse"
                cx=move || origin.get()[0].to_string()
                cy=move || origin.get()[1].to_string()
                r=move || (3.0 * unit.get()).to_string()
            >
                {SHADING
                    .map(|(radius, density)| {
                        view! { <stop offset=(radius / 3.0).to_string() stop-opacity=density.to_string() /> }
                    })
                    .collect_view()}
            </radialGradient>
        </defs>
        <rect class="ground" x="-3" y="-3" width="6" height="6" />
        <g clip-path="url(#plane-clip)">
            <rect class="shading" x="-3" y="-3" width="6" height="6" fill="url(#prior-shading)" />
            <path class="grid" d=grid />
            <path
                class="axis"
                d=move || {
                    let [x, y] = origin.get();
                    format!("M-3 {y}H3M{x} -3V3")
                }
            />
            {circle(1.0)}
            {circle(2.0)}
            {label(1.0, "1σ")}
            {label(2.0, "2σ")}
        </g>
    }
}

/// The numbers along the left and the bottom, and the names of the axes.
#[component]
pub(super) fn Ticks() -> impl IntoView {
    let map = expect_context::<MapView>();
    let tick = |[x, y]: [f64; 2], anchor: &'static str, text: String| {
        view! {
            <text class="tick" x=x.to_string() y=y.to_string() text-anchor=anchor>
                {text}
            </text>
        }
    };
    let ticks = move || {
        let view = map.viewport.get();
        let [across, up] = view.ticks();
        let across = across
            .into_iter()
            .map(|z| ([drawn(&view, [z, 0.0])[0], 3.3], "middle", text(z, &view)));
        let up = up.into_iter().map(|z| {
            (
                [-3.12, drawn(&view, [0.0, z])[1] + 0.07],
                "end",
                text(z, &view),
            )
        });
        across
            .chain(up)
            .map(|(at, anchor, text)| tick(at, anchor, text))
            .collect_view()
    };
    view! {
        {ticks}
        <text class="axis-label" x="2.93" y="2.9" text-anchor="end">
            "z"
            <tspan class="sub" dy="0.05">
                "1"
            </tspan>
        </text>
        <text class="axis-label" x="-2.92" y="-2.74">
            "z"
            <tspan class="sub" dy="0.05">
                "2"
            </tspan>
        </text>
    }
}

/// A tick's number, with no more decimals than the step has.
fn text(z: f64, view: &Viewport) -> String {
    if view.tick_step() >= 1.0 {
        format!("{z:.0}").replace('-', "−")
    } else {
        number::shown(z as f32)
    }
}
