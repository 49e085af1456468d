//! q(z|x) at the scale of σ: a magnified part of the plane around μ, with the noise as an arrow.

use crate::features::explore::arrow::arrow;
use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::plane::posterior_outline;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::viewport::Viewport;
use crate::number::format;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;

/// Half the inset's side in σ.
const HALF_SIGMAS: f64 = 3.2;
/// Length of the arrow's head; the inset is six units wide.
const HEAD: f64 = 0.3;

/// The contours at 1 and 2 σ, and the arrow σ⊙ε from μ to z.
#[component]
pub(crate) fn PosteriorInset() -> impl IntoView {
    let view = expect_context::<EngineView>();
    let latent = expect_context::<LatentVector>();
    let map = expect_context::<LatentMapState>();
    // The slice, the position of μ, and the part of the plane around it.
    let around = Memo::new(move |_| {
        let encoded = view.encoded.get()?;
        let slice = map.slice.get();
        (encoded.mu.len() == slice.size()).then(|| {
            let viewport = posterior_viewport(&slice, &encoded.mu, &encoded.sigma);
            (encoded.mu.clone(), encoded.sigma.clone(), viewport)
        })
    });
    let drawing = move || {
        let (mu, sigma, viewport) = around.get()?;
        let slice = map.slice.get();
        let outline = |sigmas: f64| posterior_outline(&viewport, &slice, &mu, &sigma, sigmas);
        Some(view! {
            <path class="contour" d=outline(2.0) />
            <path class="contour" d=outline(1.0) />
        })
    };
    let step = move || {
        let (mu, _, viewport) = around.get()?;
        let slice = map.slice.get();
        let [from, to] = [mu, latent.z()].map(|z| {
            let [across, down] = viewport.fraction_of(slice.to_map(&z));
            [(across - 0.5) * 6.0, (down - 0.5) * 6.0]
        });
        Some(view! {
            <path class="step" d=arrow(from, to, HEAD) />
            <circle class="mean" cx=format!("{:.3}", from[0]) cy=format!("{:.3}", from[1]) r="0.1" />
            <circle class="here" cx=format!("{:.3}", to[0]) cy=format!("{:.3}", to[1]) r="0.16" />
        })
    };
    let caption = move || {
        let (_, _, viewport) = around.get()?;
        let times = Viewport::HOME.half / viewport.half;
        let width = format::significant((2.0 * viewport.half) as f32);
        Some(format!(
            "{width} wide: the map’s −3 to 3, magnified {times:.0} times"
        ))
    };
    let axes = move || [0, 1].map(|axis| map.axis_name(axis));
    view! {
        <figure class="posterior-inset" data-testid="posterior-inset">
            <svg
                viewBox="-3 -3 6 6"
                role="img"
                aria-label="q(z|x) around μ with contours at 1 and 2 σ; the arrow from μ to z is σ⊙ε"
            >
                <path class="axis" d="M-3 0H3M0-3V3" />
                {drawing}
                {step}
                <text x="2.9" y="-0.12" text-anchor="end">
                    {move || axes()[0].clone()}
                </text>
                <text x="0.12" y="-2.6">
                    {move || axes()[1].clone()}
                </text>
            </svg>
            <figcaption>
                "Arrow: " <i>"σ"</i> "⊙" <i>"ε"</i> ", from " <i>"μ"</i> " to " <i>"z"</i> ". " {caption}
            </figcaption>
        </figure>
    }
}

/// The part of the plane around μ, [`HALF_SIGMAS`] of the largest σ to each side.
pub(crate) fn posterior_viewport(slice: &LatentSlice, mu: &[f32], sigma: &[f32]) -> Viewport {
    let centre = slice.to_map(mu);
    let outline = slice.ellipse(slice.coordinates(mu), slice.covariance(sigma), HALF_SIGMAS);
    let offsets = outline
        .iter()
        .flat_map(|at| [0, 1].map(|i| (at[i] - centre[i]).abs()));
    let half = offsets.fold(0.0, f64::max).max(1e-6);
    Viewport { centre, half }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::latent_map::scale::Scale;

    #[test]
    fn posterior_viewport_holds_three_sigma_around_the_mean() {
        let slice = LatentSlice::axis_aligned(2, [0, 1], Scale::Linear);
        let view = posterior_viewport(&slice, &[0.5, -1.0], &[0.02, 0.1]);
        assert_eq!(view.centre, [0.5, -1.0]);
        assert!((view.half - 0.32).abs() < 1e-6, "{}", view.half);
    }

    #[test]
    fn posterior_viewport_follows_the_quantile_scale() {
        let linear = LatentSlice::axis_aligned(2, [0, 1], Scale::Linear);
        let quantile = LatentSlice::axis_aligned(2, [0, 1], Scale::Quantile);
        // Far from the mean of the prior, equal probabilities take less space.
        let [near, far] = [&linear, &quantile]
            .map(|slice| posterior_viewport(slice, &[2.0, 2.0], &[0.05, 0.05]).half);
        assert!(far < near, "{far} and {near}");
    }
}
