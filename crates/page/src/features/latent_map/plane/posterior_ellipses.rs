//! q(z|x) of what is encoded, to scale.

use crate::features::latent_map::latent_slice::{LatentSlice, Scale};
use crate::features::latent_map::plane::{closed_path, scale, to_svg};
use crate::features::latent_map::state::LatentMapState;
use crate::state::engine_view::EngineView;
use leptos::prelude::*;

/// Outlines at one and two σ around μ.
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
            if is_upright(&slice) {
                let [wide, high] = [0, 1].map(|i| covariance[i].sqrt() * sigmas * scale(&viewport));
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
            let outline = slice.ellipse(slice.coordinates(&encoded.mu), covariance, sigmas);
            view! { <path d=closed_path(&viewport, &outline) /> }.into_any()
        };
        Some(view! {
            <g class="posterior" data-testid="posterior" clip-path="url(#plane-clip)">
                {outline(2.0)} {outline(1.0)} <circle cx=x.to_string() cy=y.to_string() r="0.03" />
            </g>
        })
    };
    view! { {outlines} }
}

/// Whether what is an ellipse stays one, along the axes.
fn is_upright(slice: &LatentSlice) -> bool {
    slice.pair().is_some() && slice.scale == Scale::Linear
}
