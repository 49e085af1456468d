//! The layer that compares the aggregate posterior with the prior.

use crate::dom;
use crate::features::latent_map::aggregate_posterior::{AggregatePosterior, PAINTED_SIDE};
use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::viewport::Viewport;
use leptos::{html, prelude::*};
use std::time::Duration;

/// Images added per task: a few milliseconds.
const BATCH: usize = 400;

/// The difference of the densities as lightness and hatching.
#[component]
pub(crate) fn DensityLayer() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let canvas = NodeRef::<html::Canvas>::new();
    let density = StoredValue::new(None::<AggregatePosterior>);
    let round = StoredValue::new(0_u64);
    Effect::new(move |before: Option<(LatentSlice, Viewport, usize)>| {
        canvas.track();
        let (slice, viewport) = (map.slice.get(), map.viewport.get());
        let count = map.points.with(|points| points.means_by_image().len());
        // More images in the same view are added to the sum; otherwise it starts again.
        let extends = before.is_some_and(|(old_slice, old_view, old_count)| {
            old_slice == slice && old_view == viewport && old_count < count
        });
        if !extends {
            density.set_value(Some(AggregatePosterior::new(&slice, &viewport)));
        }
        round.update_value(|round| *round += 1);
        accumulate(map, canvas, density, (round, round.get_value()));
        (slice, viewport, count)
    });
    view! { <canvas node_ref=canvas class="map-density" data-testid="map-density" aria-hidden="true"></canvas> }
}

/// Adds a batch, draws, and schedules the next batch. Stops when all images are added, or `round` has changed.
fn accumulate(
    map: LatentMapState,
    canvas: NodeRef<html::Canvas>,
    density: StoredValue<Option<AggregatePosterior>>,
    (round, this_round): (StoredValue<u64>, u64),
) {
    if round.try_get_value() != Some(this_round) {
        return;
    }
    let slice = map.slice.get_untracked();
    let done = density.try_update_value(|density| {
        let density = density.as_mut()?;
        map.points.with_untracked(|points| {
            density.add_images(&slice, points, BATCH);
            Some((
                density.paint(),
                density.count() >= points.means_by_image().len(),
            ))
        })
    });
    let Some(Some((rgba, done))) = done else {
        return;
    };
    if let Some(canvas) = canvas.get_untracked()
        && let Err(error) = dom::put_pixels(&canvas, &rgba, [PAINTED_SIDE; 2])
    {
        leptos::logging::error!("canvas: {error:?}");
    }
    if !done {
        set_timeout(
            move || accumulate(map, canvas, density, (round, this_round)),
            Duration::ZERO,
        );
    }
}
