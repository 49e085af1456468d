//! The exact posterior of the reader's image, on the part of the plane around it.

use super::heat::Heat;
use super::maps::{around, keep_maps};
use super::plane_square::PlaneSquare;
use crate::features::evidence::state::EvidenceState;
use crate::features::latent_map::viewport::Viewport;
use crate::features::learn::probe::Probe;
use crate::number::format::fixed;
use crate::ui::button::Button;
use leptos::prelude::*;
use std::sync::Arc;

/// The figure.
#[component]
pub(crate) fn ExactPosterior() -> impl IntoView {
    let probe = Probe::new();
    let evidence = expect_context::<EvidenceState>();
    let exact = Memo::new(move |_| evidence.estimates.with(|estimates| estimates.exact.clone()));
    let view = RwSignal::new(Viewport::HOME);
    let is_whole = RwSignal::new(false);
    // The quadrature refines its result, which moves the part by less than a cell.
    let part = Memo::new(move |before: Option<&Viewport>| {
        let found = exact.get().map(|exact| around(&exact));
        match (before, found) {
            (Some(before), Some(found)) if is_about(before, &found) => *before,
            (_, found) => found.unwrap_or(Viewport::HOME),
        }
    });
    Effect::new(move |_| {
        view.set(match is_whole.get() {
            true => Viewport::HOME,
            false => part.get(),
        });
    });
    let maps = keep_maps(probe, view);
    let heat = RwSignal::new(None::<Arc<Heat>>);
    Effect::new(move |_| {
        if let Some(Ok(found)) = maps.get() {
            heat.set(Some(found.posterior));
        }
    });
    let text = move || match (maps.get(), exact.get()) {
        (Some(Err(error)), _) => error,
        (Some(Ok(_)), Some(exact)) => {
            let [a, b] = exact.standard_deviation;
            format!(
                "The posterior’s standard deviations are {} and {}.",
                fixed(a, 3),
                fixed(b, 3)
            )
        }
        _ => "Evaluating the posterior…".to_owned(),
    };
    view! {
        <PlaneSquare
            test_id="learn-exact-posterior"
            label="Heat map of the exact posterior of your image, relative to its maximum"
            view
            heat
        >
            <g></g>
        </PlaneSquare>
        <div class="card-buttons">
            <Button test_id="learn-exact-part" on_click=move |_| is_whole.update(|whole| *whole = !*whole)>
                {move || if is_whole.get() { "Zoom in" } else { "Whole plane" }}
            </Button>
        </div>
        <p class="flow-note" role="status">{text}</p>
    }
}

/// Whether two parts of the plane differ by little of their size.
fn is_about(a: &Viewport, b: &Viewport) -> bool {
    let near = |a: f64, b: f64, size: f64| (a - b).abs() < 0.1 * size;
    near(a.half, b.half, b.half) && (0..2).all(|i| near(a.centre[i], b.centre[i], b.half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_about_compares_with_the_size() {
        let part = |x: f64, half: f64| Viewport {
            centre: [x, 0.3],
            half,
        };
        assert!(is_about(&part(0.7, 0.16), &part(0.705, 0.165)));
        assert!(!is_about(&part(0.7, 0.16), &part(0.75, 0.16)));
        assert!(!is_about(&part(0.7, 3.0), &part(0.7, 0.16)));
    }
}
