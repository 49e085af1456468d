//! Prior, likelihood and posterior of the reader's image on a part of the plane.

use super::heat::{Heat, centres};
use crate::features::latent_map::viewport::Viewport;
use crate::features::learn::probe::Probe;
use leptos::prelude::*;
use protocol::evidence::Quadrature;
use std::f64::consts::TAU;
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// Cells along a side.
const SIDE: usize = 64;

/// Half the side of the part around the posterior, in its standard deviations.
const ZOOMED_SIGMAS: f64 = 5.0;

/// The three maps.
#[derive(Debug, Clone)]
pub(super) struct Maps {
    pub(super) prior: Arc<Heat>,
    pub(super) likelihood: Arc<Heat>,
    pub(super) posterior: Arc<Heat>,
}

/// The part of the plane around the posterior.
pub(super) fn around(exact: &Quadrature) -> Viewport {
    let [a, b] = exact.standard_deviation;
    Viewport {
        centre: exact.mean,
        half: (ZOOMED_SIGMAS * a.max(b)).clamp(0.02, 3.0),
    }
}

/// The maps of the current image and model on the visible part, or why there are none. They follow all three while the
/// current owner lives.
pub(super) fn keep_maps(
    probe: Probe,
    view: RwSignal<Viewport>,
) -> RwSignal<Option<Result<Maps, String>>> {
    let maps = RwSignal::new(None::<Result<Maps, String>>);
    Effect::new(move |_| {
        probe.view.generation.track();
        if probe.view.encoded.with(Option::is_none) {
            return;
        }
        let image = probe.view.encoded.get_untracked();
        let part = view.get();
        spawn_local(async move {
            let found = compute(probe, part).await;
            // Another image or part may have been chosen meanwhile.
            if view.try_get_untracked() != Some(part) {
                return;
            }
            let newest = probe.view.encoded.try_get_untracked().flatten();
            if let (Some(image), Some(newest)) = (image, newest)
                && Arc::ptr_eq(&image, &newest)
            {
                maps.try_set(Some(found));
            }
        });
    });
    maps
}

async fn compute(probe: Probe, view: Viewport) -> Result<Maps, String> {
    probe.two_d()?;
    let points = centres(&view, SIDE);
    let z: Vec<f32> = points.iter().flatten().map(|value| *value as f32).collect();
    let likelihood = probe.log_likelihood(&z).await?;
    let log_prior = |z: &[f64; 2]| -0.5 * (z[0] * z[0] + z[1] * z[1]) - TAU.ln();
    let prior: Vec<f64> = points.iter().map(log_prior).collect();
    let joint: Vec<f64> = likelihood.iter().zip(&prior).map(|(a, b)| a + b).collect();
    Ok(Maps {
        prior: Arc::new(Heat::of_logs(SIDE, &prior)),
        likelihood: Arc::new(Heat::of_logs(SIDE, &likelihood)),
        posterior: Arc::new(Heat::of_logs(SIDE, &joint)),
    })
}
