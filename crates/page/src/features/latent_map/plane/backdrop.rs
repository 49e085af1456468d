//! The plane's background: the prior's density, grid and axes.

use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::plane::{closed_path, svg_scale, to_svg};
use crate::features::latent_map::scale::Scale;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::viewport::Viewport;
use crate::number::format;
use leptos::prelude::*;

/// Stops of the shading: radius in σ, and the prior's density relative to its maximum, exp(−r²/2).
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

/// The prior's shading, the grid, and contours at 1 and 2 σ.
#[component]
pub(crate) fn Backdrop() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let origin = Memo::new(move |_| map.viewport.with(|view| to_svg(view, [0.0; 2])));
    let unit = Memo::new(move |_| map.viewport.with(svg_scale));
    let grid = move || {
        let view = map.viewport.get();
        let [across, up] = ticks(&view, map.scale.get());
        let across = across
            .into_iter()
            .map(|(_, place)| format!("M{:.4} -3V3", to_svg(&view, [place, 0.0])[0]));
        let up = up
            .into_iter()
            .map(|(_, place)| format!("M-3 {:.4}H3", to_svg(&view, [0.0, place])[1]));
        across.chain(up).collect::<String>()
    };
    let contour = move |sigmas: f64| {
        let path = move || {
            let prior = LatentSlice::axis_aligned(2, [0, 1], map.scale.get());
            let positions = prior.ellipse([0.0; 2], prior.covariance(&[1.0, 1.0]), sigmas);
            closed_path(&map.viewport.get(), &positions)
        };
        // A dark line below the dashes keeps them visible on images and points.
        view! {
            <path class="sigma-casing" d=path />
            <path class="sigma" d=path />
        }
    };
    let label = move |sigmas: f64, text: &'static str| {
        // On the contour, at the upper right.
        let at = Memo::new(move |_| {
            let place = map
                .scale
                .get()
                .to_map(sigmas * std::f64::consts::FRAC_1_SQRT_2);
            map.viewport.with(|view| to_svg(view, [place; 2]))
        });
        view! {
            <text
                class="sigma-label"
                x=move || (at.get()[0] + 0.04).to_string()
                y=move || (at.get()[1] - 0.04).to_string()
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
            // On the quantile scale the prior is uniform.
            <rect
                class="shading"
                class:even=move || map.scale.get() == Scale::Quantile
                x="-3" y="-3" width="6" height="6" fill="url(#prior-shading)" />
            <path class="grid" d=grid />
            <path
                class="axis"
                d=move || {
                    let [x, y] = origin.get();
                    format!("M-3 {y}H3M{x} -3V3")
                }
            />
            {contour(1.0)}
            {contour(2.0)}
            {label(1.0, "1σ")}
            {label(2.0, "2σ")}
        </g>
    }
}

/// Tick labels along the left and bottom edges, and the names of the axes.
#[component]
pub(crate) fn Ticks() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let tick = |[x, y]: [f64; 2], anchor: &'static str, text: String| {
        view! {
            <text class="tick" x=x.to_string() y=y.to_string() text-anchor=anchor>
                {text}
            </text>
        }
    };
    let ticks = move || {
        let view = map.viewport.get();
        let [across, up] = ticks(&view, map.scale.get());
        let across = across.into_iter().map(|(z, place)| {
            let at = [to_svg(&view, [place, 0.0])[0], 3.3];
            (at, "middle", text(z, &view))
        });
        let up = up.into_iter().map(|(z, place)| {
            let at = [-3.12, to_svg(&view, [0.0, place])[1] + 0.07];
            (at, "end", text(z, &view))
        });
        across
            .chain(up)
            .map(|(at, anchor, text)| tick(at, anchor, text))
            .collect_view()
    };
    view! {
        {ticks}
        <text class="axis-label" x="2.93" y="2.9" text-anchor="end">
            {move || map.axis_name(0)}
        </text>
        <text class="axis-label" x="-2.92" y="-2.72">
            {move || map.axis_name(1)}
        </text>
    }
}

/// Ticks of the horizontal and the vertical axis, each with its coordinate and its map position.
fn ticks(view: &Viewport, scale: Scale) -> [Vec<(f64, f64)>; 2] {
    if scale == Scale::Linear {
        return view
            .ticks()
            .map(|ticks| ticks.into_iter().map(|z| (z, z)).collect());
    }
    [0, 1].map(|i| {
        let edge = |side: f64| scale.coordinate_at(view.centre[i] + side * view.half);
        // Beyond ±2.5 labels would overlap near the edges.
        let (from, to) = (edge(-1.0).max(-2.5), edge(1.0).min(2.5));
        let range = Viewport {
            centre: [(from + to) / 2.0; 2],
            half: ((to - from) / 2.0).max(1e-3),
        };
        let [ticks, _] = range.ticks();
        ticks.into_iter().map(|z| (z, scale.to_map(z))).collect()
    })
}

/// A tick's label, with as many decimals as the step needs.
fn text(z: f64, view: &Viewport) -> String {
    if view.tick_step() >= 1.0 {
        format!("{z:.0}").replace('-', "−")
    } else {
        format::latent(z as f32)
    }
}
