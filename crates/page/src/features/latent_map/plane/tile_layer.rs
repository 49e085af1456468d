//! The decoded pictures under the plane.

use crate::client::batch_sizer::Pace;
use crate::dom;
use crate::features::latent_map::latent_slice::Chart;
use crate::features::latent_map::state::MapView;
use crate::features::latent_map::tile_cache::{Manifold, State};
use crate::features::latent_map::tiles::{Block, Cell, SIDE, level};
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use leptos::{html, prelude::*};
use std::time::Duration;

/// Weights that are being trained change several times a second. The map follows so often.
const REFRESH: Duration = Duration::from_secs(2);

/// The pictures, from coarse to fine.
#[component]
pub(crate) fn Pictures() -> impl IntoView {
    let map = expect_context::<MapView>();
    let canvas = NodeRef::<html::Canvas>::new();
    let block = Memo::new(move |_| map.viewport.with(|view| Block::in_view(view, level(view))));
    let latent = expect_context::<LatentVector>();
    let section = Memo::new(move |_| {
        let chart = map.chart.get();
        let rest = chart.rest(&latent.z());
        Section { chart, rest }
    });
    let layer = Layer {
        actions: expect_context(),
        view: expect_context(),
        map,
        block,
        section,
        canvas,
        manifold: StoredValue::new(Manifold::default()),
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
            layer.cut_elsewhere(before.chart == section.chart, latent.point_untracked().at);
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

/// The plane that is drawn: its directions, and where it goes through the other dimensions.
#[derive(Debug, Clone, PartialEq)]
struct Section {
    chart: Chart,
    /// What all z on the plane have in common.
    rest: Vec<f32>,
}

#[derive(Clone, Copy)]
struct Layer {
    actions: Actions,
    view: EngineView,
    map: MapView,
    block: Memo<Block>,
    section: Memo<Section>,
    canvas: NodeRef<html::Canvas>,
    manifold: StoredValue<Manifold>,
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
            self.manifold.update_value(Manifold::clear);
            self.paint();
            self.decode();
            return;
        }
        // What is bare still is filled at once.
        self.decode();
        if self.refresh.with_value(Option::is_none) {
            let refresh = move || {
                if self.refresh.try_set_value(None).is_none() {
                    self.manifold.update_value(Manifold::outdate);
                    self.decode();
                }
            };
            self.refresh
                .set_value(set_timeout_with_handle(refresh, REFRESH).ok());
        }
    }

    /// Another plane is to be drawn: a parallel one, whose pictures are likely much the same, or one of other
    /// directions or another scale.
    fn cut_elsewhere(self, parallel: bool, at: f64) {
        if parallel {
            self.moved_at.set_value(Some(at));
            self.manifold.update_value(Manifold::outdate);
        } else {
            self.manifold.update_value(Manifold::clear);
            self.paint();
        }
        self.decode();
    }

    /// Asks for the next batch, unless one is under way. Whether there is nothing left to ask for.
    fn decode(self) -> bool {
        let Section { chart, rest } = self.section.get_untracked();
        let size = chart.size();
        let fits = self.view.model.with_untracked(|model| {
            model
                .as_ref()
                .is_some_and(|model| model.image == [SIDE; 2] && model.latent_size == size)
        });
        if !fits || self.decoding.get_value() || !self.map.pictures.get_untracked() {
            return false;
        }
        let block = self.block.get_untracked();
        let cells = self
            .manifold
            .with_value(|manifold| manifold.wanted(&block, self.pace.get_value().count()));
        if cells.is_empty() {
            return true;
        }
        let z = cells
            .iter()
            .flat_map(|cell| chart.z(cell.centre(), &rest))
            .collect();
        self.decoding.set_value(true);
        let state = self.manifold.with_value(Manifold::state);
        self.actions.decode_timed(z, move |timed| {
            // Gone with the plane.
            if self.decoding.try_set_value(false).is_some() {
                return;
            }
            // Without pixels, the change that took them away starts this anew.
            if let Some((pixels, took)) = timed {
                self.pace.update_value(|pace| pace.note(cells.len(), took));
                self.take_in(&cells, &pixels, state);
                if self.decode() {
                    self.paint_whole();
                } else {
                    self.paint_soon();
                }
            }
        });
        false
    }

    fn take_in(self, cells: &[Cell], pixels: &[u8], state: State) {
        let block = self.block.get_untracked();
        self.manifold
            .update_value(|manifold| manifold.take_in(cells, pixels, &block, state));
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
        let rgba = self.manifold.with_value(|manifold| manifold.paint(&block));
        if let Err(error) = dom::put_pixels(&canvas, &rgba, [rows, columns]) {
            leptos::logging::error!("canvas: {error:?}");
        }
    }
}
