//! q(z|x) of what is encoded, to scale.

use crate::features::latent_map::latent_slice::{Chart, Scale};
use crate::features::latent_map::plane::{closed_path, drawn, scale};
use crate::features::latent_map::state::MapView;
use crate::state::engine_view::EngineView;
use leptos::prelude::*;

/// Outlines at one and two σ around μ.
#[component]
pub(crate) fn PosteriorEllipses() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let map = expect_context::<MapView>();
    let outlines = move || {
        let encoded = view.encoded.get()?;
        let chart = map.chart.get();
        if encoded.mu.len() != chart.size() {
            return None;
        }
        let viewport = map.viewport.get();
        let [x, y] = drawn(&viewport, chart.place(&encoded.mu));
        let covariance = chart.covariance(&encoded.sigma);
        let outline = |sigmas: f64| {
            if is_upright(&chart) {
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
            let outline = chart.outline(chart.values(&encoded.mu), covariance, sigmas);
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
fn is_upright(chart: &Chart) -> bool {
    chart.pair().is_some() && chart.scale == Scale::Linear
}
