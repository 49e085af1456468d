//! The layer of decoded images.

use crate::dom;
use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::tile_cache::{TileCache, Version};
use crate::features::latent_map::tiles::{Tile, TileRect, level};
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::label::Label;
use crate::state::latent_vector::LatentVector;
use client::batch_sizer::BatchSizer;
use client::change::DecodedBatch;
use leptos::{html, prelude::*};
use std::time::Duration;
use wasm_bindgen_futures::spawn_local;

/// During training, weights change several times per second; the map is updated at this interval.
const REFRESH: Duration = Duration::from_secs(2);

/// Decodes and paints tiles, from coarse to fine.
#[component]
pub(crate) fn TileLayer() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let canvas = NodeRef::<html::Canvas>::new();
    let rect = Memo::new(move |_| {
        map.viewport
            .with(|view| TileRect::in_view(view, level(view)))
    });
    let latent = expect_context::<LatentVector>();
    let position = Memo::new(move |_| {
        let slice = map.slice.get();
        let orthogonal = slice.orthogonal_part(&latent.z());
        PlanePosition { slice, orthogonal }
    });
    let layer = Layer {
        actions: expect_context(),
        view: expect_context(),
        map,
        rect,
        position,
        canvas,
        cache: StoredValue::new(TileCache::default()),
        decoding: StoredValue::new(false),
        batch_sizer: StoredValue::new(BatchSizer::default()),
        paint_scheduled: StoredValue::new(false),
        moved_at: StoredValue::new(None),
        refresh: StoredValue::new(None),
    };
    Effect::new(move |before: Option<Option<(String, usize)>>| {
        layer.view.generation.track();
        let model = layer.view.model_key();
        if before.as_ref() == Some(&model) {
            layer.weights_changed();
        } else {
            layer.clear();
        }
        model
    });
    // The label moves the plane, too.
    let label = expect_context::<Label>();
    Effect::new(move |before: Option<()>| {
        let input = label.input();
        if before.is_some() {
            layer.plane_changed(true, input.at);
        }
    });
    Effect::new(move |before: Option<PlanePosition>| {
        let position = position.get();
        if let Some(before) = before {
            layer.plane_changed(before.slice == position.slice, latent.point_untracked().at);
        }
        position
    });
    Effect::new(move |_| {
        rect.track();
        canvas.track();
        layer.paint();
        layer.decode();
    });
    let bounds = Memo::new(move |_| map.viewport.with(|view| rect.get().bounds_in(view)));
    let percent = move |index: usize| move || format!("{:.4}%", bounds.get()[index] * 100.0);
    view! { <canvas node_ref=canvas id="map-tiles" class="map-images" data-testid="map-pictures" aria-hidden="true" style:left=percent(0) style:top=percent(1) style:width=percent(2) style:height=percent(3)></canvas> }
}

/// The plane: its axes, and its position along the orthogonal directions.
#[derive(Debug, Clone, PartialEq)]
struct PlanePosition {
    slice: LatentSlice,
    /// The component orthogonal to the plane, `[latent]`.
    orthogonal: Vec<f32>,
}

#[derive(Clone, Copy)]
struct Layer {
    actions: Actions,
    view: EngineView,
    map: LatentMapState,
    rect: Memo<TileRect>,
    position: Memo<PlanePosition>,
    canvas: NodeRef<html::Canvas>,
    cache: StoredValue<TileCache>,
    decoding: StoredValue<bool>,
    batch_sizer: StoredValue<BatchSizer>,
    /// Whether painting is scheduled for the next frame.
    paint_scheduled: StoredValue<bool>,
    /// Time of the input that moved the plane, until all of it is painted.
    moved_at: StoredValue<Option<f64>>,
    refresh: StoredValue<Option<TimeoutHandle>>,
}

impl Layer {
    /// Removes all tiles, for another model or other axes.
    fn clear(self) {
        self.cache.update_value(TileCache::clear);
        self.paint();
        self.decode();
    }

    /// Handles newer weights, another label or another worker.
    fn weights_changed(self) {
        // Missing tiles are decoded at once, outdated ones at the next refresh.
        self.decode();
        if self.refresh.with_value(Option::is_none) {
            let refresh = move || {
                if self.refresh.try_set_value(None).is_none() {
                    self.cache.update_value(TileCache::invalidate);
                    self.decode();
                }
            };
            self.refresh
                .set_value(set_timeout_with_handle(refresh, REFRESH).ok());
        }
    }

    /// Handles a change of the plane. Tiles of a parallel plane are similar, so they are shown until replaced.
    fn plane_changed(self, is_parallel: bool, at: f64) {
        if is_parallel {
            self.moved_at.set_value(Some(at));
            self.cache.update_value(TileCache::invalidate);
            self.decode();
        } else {
            self.clear();
        }
    }

    /// Requests the next batch, unless one is pending. Returns whether all tiles are up to date.
    fn decode(self) -> bool {
        let PlanePosition { slice, orthogonal } = self.position.get_untracked();
        let size = slice.size();
        let fits = self.view.model.with_untracked(|model| {
            model
                .as_ref()
                .is_some_and(|model| model.latent_size == size)
        });
        if !fits || self.decoding.get_value() || !self.map.shows_images.get_untracked() {
            return false;
        }
        let rect = self.rect.get_untracked();
        let tiles = self
            .cache
            .with_value(|cache| cache.next_tiles(&rect, self.batch_sizer.get_value().size()));
        if tiles.is_empty() {
            return true;
        }
        let z = tiles
            .iter()
            .flat_map(|tile| slice.z(tile.centre(), &orthogonal))
            .collect();
        self.decoding.set_value(true);
        let version = self.cache.with_value(TileCache::version);
        let generation = self.view.generation.get_untracked();
        let batch = self.actions.decode_batch(z);
        spawn_local(async move {
            let decoded = batch.await;
            // The plane was unmounted.
            if self.decoding.try_set_value(false).is_some() {
                return;
            }
            let Ok(decoded) = decoded else {
                // Cancelled by a change of model. The effects above may have run while this batch was pending.
                if self.view.generation.get_untracked() != generation
                    || self.cache.with_value(TileCache::version) != version
                {
                    self.decode();
                }
                return;
            };
            self.batch_sizer
                .update_value(|batch_sizer| batch_sizer.record(tiles.len(), decoded.ms));
            self.insert(&tiles, &decoded, version);
            if self.decode() {
                self.paint_complete();
            } else {
                self.schedule_paint();
            }
        });
        false
    }

    fn insert(self, tiles: &[Tile], decoded: &DecodedBatch, version: Version) {
        let rect = self.rect.get_untracked();
        self.cache.update_value(|cache| {
            cache.insert(tiles, &decoded.images, decoded.shape, &rect, version);
        });
    }

    /// Paints the complete map at once, in time for the next frame.
    fn paint_complete(self) {
        self.paint_scheduled.set_value(false);
        self.paint();
        if let Some(at) = self.moved_at.try_update_value(Option::take).flatten() {
            dom::measure("input-to-plane", at, dom::now());
        }
    }

    /// Paints in the next frame: several batches may arrive per frame, and painting takes as long as decoding some.
    fn schedule_paint(self) {
        if self.paint_scheduled.get_value() {
            return;
        }
        self.paint_scheduled.set_value(true);
        request_animation_frame(move || {
            if self.paint_scheduled.try_update_value(std::mem::take) == Some(true) {
                self.paint();
            }
        });
    }

    fn paint(self) {
        let Some(canvas) = self.canvas.get_untracked() else {
            return;
        };
        let rect = self.rect.get_untracked();
        let picture = self.cache.with_value(|cache| cache.paint(&rect));
        dom::draw_picture(&canvas, &picture);
    }
}
