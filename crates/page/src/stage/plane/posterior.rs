//! q(z|x) of what is encoded, to scale.

use super::{drawn, scale};
use crate::state::{EngineView, MapView};
use leptos::prelude::*;

/// Ellipses at one and two σ around μ.
#[component]
pub(super) fn PosteriorEllipses() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let map = expect_context::<MapView>();
    let ellipses = move || {
        let encoded = view.encoded.get()?;
        let (&[z1, z2], &[wide, high]) = (encoded.mu.as_slice(), encoded.sigma.as_slice()) else {
            return None;
        };
        let viewport = map.viewport.get();
        let unit = scale(&viewport);
        let [x, y] = drawn(&viewport, [z1.into(), z2.into()]);
        let ellipse = |sigmas: f64| {
            view! {
                <ellipse
                    cx=x.to_string()
                    cy=y.to_string()
                    rx=(f64::from(wide) * sigmas * unit).to_string()
                    ry=(f64::from(high) * sigmas * unit).to_string()
                />
            }
        };
        Some(view! {
            <g class="posterior" data-testid="posterior" clip-path="url(#plane-clip)">
                {ellipse(2.0)} {ellipse(1.0)} <circle cx=x.to_string() cy=y.to_string() r="0.03" />
            </g>
        })
    };
    view! { {ellipses} }
}
