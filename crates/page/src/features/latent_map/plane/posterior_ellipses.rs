//! q(z|x) of the encoded image.

use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::plane::{posterior_outline, svg_scale, to_svg};
use crate::features::latent_map::scale::Scale;
use crate::features::latent_map::state::LatentMapState;
use crate::state::engine_view::EngineView;
use leptos::prelude::*;

/// Contours at 1 and 2 σ around μ.
#[component]
pub(crate) fn PosteriorEllipses() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let map = expect_context::<LatentMapState>();
    let outlines = move || {
        let encoded = view.encoded.get()?;
        let slice = map.slice.get();
        if encoded.mu.len() != slice.size() {
            return None;
        }
        let viewport = map.viewport.get();
        let [x, y] = to_svg(&viewport, slice.to_map(&encoded.mu));
        let covariance = slice.covariance(&encoded.sigma);
        let outline = |sigmas: f64| {
            if is_axis_parallel(&slice) {
                let [wide, high] =
                    [0, 1].map(|i| covariance[i].sqrt() * sigmas * svg_scale(&viewport));
                return view! {
                    <ellipse
                        cx=x.to_string()
                        cy=y.to_string()
                        rx=wide.to_string()
                        ry=high.to_string()
                    />
                }
                .into_any();
            }
            let outline = posterior_outline(&viewport, &slice, &encoded.mu, &encoded.sigma, sigmas);
            view! { <path d=outline /> }.into_any()
        };
        Some(view! {
            <g class="posterior" data-testid="posterior" clip-path="url(#plane-clip)">
                {outline(2.0)} {outline(1.0)} <circle cx=x.to_string() cy=y.to_string() r="0.03" />
            </g>
        })
    };
    view! { {outlines} }
}

/// Whether the contours are ellipses parallel to the axes.
fn is_axis_parallel(slice: &LatentSlice) -> bool {
    slice.pair().is_some() && slice.scale == Scale::Linear
}
