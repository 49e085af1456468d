//! The decoded pictures under the plane.

use crate::client::batch_sizer::Pace;
use crate::dom;
use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::state::LatentMapState;
use crate::features::latent_map::tile_cache::{TileCache, Version};
use crate::features::latent_map::tiles::{SIDE, Tile, TileRect, level};
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use leptos::{html, prelude::*};
use std::time::Duration;

/// Weights that are being trained change several times a second. The map follows so often.
const REFRESH: Duration = Duration::from_secs(2);

/// The pictures, from coarse to fine.
#[component]
pub(crate) fn TileLayer() -> impl IntoView {
    let map = expect_context::<LatentMapState>();
    let canvas = NodeRef::<html::Canvas>::new();
    let block = Memo::new(move |_| {
        map.viewport
            .with(|view| TileRect::in_view(view, level(view)))
    });
    let latent = expect_context::<LatentVector>();
    let section = Memo::new(move |_| {
        let slice = map.slice.get();
        let rest = slice.orthogonal_part(&latent.z());
        Section { slice, rest }
    });
    let layer = Layer {
        actions: expect_context(),
        view: expect_context(),
        map,
        block,
        section,
        canvas,
        cache: StoredValue::new(TileCache::default()),
        decoding: StoredValue::new(false),
        pace: StoredValue::new(Pace::new()),
        painting: StoredValue::new(false),
        moved_at: StoredValue::new(None),
        refresh: StoredValue::new(None),
        model: StoredValue::new(None),
    };
    Effect::new(move |_| {
        layer.view.generation.track();
        layer.changed();
    });
    Effect::new(move |before: Option<Section>| {
        let section = section.get();
        if let Some(before) = before {
            layer.cut_elsewhere(before.slice == section.slice, latent.point_untracked().at);
        }
        section
    });
    Effect::new(move |_| {
        block.track();
        canvas.track();
        layer.paint();
        layer.decode();
    });
    let style = move || {
        let [left, top, width, height] = map.viewport.with(|view| block.get().placed(view));
        let percent = |share: f64| format!("{:.4}%", share * 100.0);
        format!(
            "left: {}; top: {}; width: {}; height: {}",
            percent(left),
            percent(top),
            percent(width),
            percent(height)
        )
    };
    view! { <canvas node_ref=canvas class="map-pictures" data-testid="map-pictures" aria-hidden="true" style=style></canvas> }
}

/// The plane that is to_svg: its directions, and where it goes through the other dimensions.
#[derive(Debug, Clone, PartialEq)]
struct Section {
    slice: LatentSlice,
    /// What all z on the plane have in common.
    rest: Vec<f32>,
}

#[derive(Clone, Copy)]
struct Layer {
    actions: Actions,
    view: EngineView,
    map: LatentMapState,
    block: Memo<TileRect>,
    section: Memo<Section>,
    canvas: NodeRef<html::Canvas>,
    cache: StoredValue<TileCache>,
    decoding: StoredValue<bool>,
    pace: StoredValue<Pace>,
    /// Whether the next frame paints what has come.
    painting: StoredValue<bool>,
    /// When the plane was moved, until all of it is painted.
    moved_at: StoredValue<Option<f64>>,
    refresh: StoredValue<Option<TimeoutHandle>>,
    /// The model that the pictures are of.
    model: StoredValue<Option<String>>,
}

impl Layer {
    /// Another model is in use, or another state of it.
    fn changed(self) {
        let model = self.actions.model_in_use();
        if self.model.with_value(|before| *before != model) {
            self.model.set_value(model);
            self.cache.update_value(TileCache::clear);
            self.paint();
            self.decode();
            return;
        }
        // What is bare still is filled at once.
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

    /// Another plane is to be to_svg: a parallel one, whose pictures are likely much the same, or one of other
    /// directions or another scale.
    fn cut_elsewhere(self, parallel: bool, at: f64) {
        if parallel {
            self.moved_at.set_value(Some(at));
            self.cache.update_value(TileCache::invalidate);
        } else {
            self.cache.update_value(TileCache::clear);
            self.paint();
        }
        self.decode();
    }

    /// Asks for the next batch, unless one is under way. Whether there is nothing left to ask for.
    fn decode(self) -> bool {
        let Section { slice, rest } = self.section.get_untracked();
        let size = slice.size();
        let fits = self.view.model.with_untracked(|model| {
            model
                .as_ref()
                .is_some_and(|model| model.image == [SIDE; 2] && model.latent_size == size)
        });
        if !fits || self.decoding.get_value() || !self.map.pictures.get_untracked() {
            return false;
        }
        let block = self.block.get_untracked();
        let tiles = self
            .cache
            .with_value(|cache| cache.wanted(&block, self.pace.get_value().count()));
        if tiles.is_empty() {
            return true;
        }
        let z = tiles
            .iter()
            .flat_map(|tile| slice.z(tile.centre(), &rest))
            .collect();
        self.decoding.set_value(true);
        let version = self.cache.with_value(TileCache::version);
        self.actions.decode_timed(z, move |timed| {
            // Gone with the plane.
            if self.decoding.try_set_value(false).is_some() {
                return;
            }
            // Without pixels, the change that took them away starts this anew.
            if let Some((pixels, took)) = timed {
                self.pace.update_value(|pace| pace.note(tiles.len(), took));
                self.insert(&tiles, &pixels, version);
                if self.decode() {
                    self.paint_whole();
                } else {
                    self.paint_soon();
                }
            }
        });
        false
    }

    fn insert(self, tiles: &[Tile], pixels: &[u8], version: Version) {
        let block = self.block.get_untracked();
        self.cache
            .update_value(|cache| cache.insert(tiles, pixels, &block, version));
    }

    /// All is there: it is painted at once, for the frame that comes next.
    fn paint_whole(self) {
        self.painting.set_value(false);
        self.paint();
        if let Some(at) = self.moved_at.try_update_value(Option::take).flatten() {
            dom::measure("input-to-plane", at, dom::now());
        }
    }

    /// More batches may come within a frame, and painting takes as long as decoding some of them.
    fn paint_soon(self) {
        if self.painting.get_value() {
            return;
        }
        self.painting.set_value(true);
        request_animation_frame(move || {
            if self.painting.try_update_value(std::mem::take) == Some(true) {
                self.paint();
            }
        });
    }

    fn paint(self) {
        let Some(canvas) = self.canvas.get_untracked() else {
            return;
        };
        let block = self.block.get_untracked();
        let [columns, rows] = block.count.map(|count| count as usize * SIDE);
        let rgba = self.cache.with_value(|cache| cache.paint(&block));
        if let Err(error) = dom::put_pixels(&canvas, &rgba, [rows, columns]) {
            leptos::logging::error!("canvas: {error:?}");
        }
    }
}
