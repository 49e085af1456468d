//! Encodes all images of a set for the map, in batches, and again when the model or its weights change.

use crate::features::dataset::image_list::PIXELS;
use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::samples::SampleLoader;
use crate::features::latent_map::points::Points;
use crate::features::latent_map::principal_components;
use crate::features::latent_map::state::{Axes, LatentMapState, PointSource};
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use leptos::prelude::*;
use std::{sync::Arc, time::Duration};
use wasm_bindgen_futures::spawn_local;

/// Images per batch: a few milliseconds, since other requests wait for the same worker.
const BATCH: usize = 64;
/// During training, weights change several times per second; the points are updated at this interval.
const REFRESH: Duration = Duration::from_secs(3);

/// Runs for the life of the page.
pub(crate) fn encode_points(
    actions: Actions,
    view: EngineView,
    map: LatentMapState,
    digits: ImageSet,
    samples: SampleLoader,
) {
    let encoder = PointEncoder {
        actions,
        view,
        map,
        run: StoredValue::new(0),
        refresh_scheduled: StoredValue::new(false),
    };
    Effect::new(move |_| match map.source.get() {
        PointSource::None => encoder.set_images(Arc::default(), Arc::default()),
        PointSource::Own => {
            let (pixels, labels) =
                digits.with(|list| (list.pixels().to_vec(), list.labels().to_vec()));
            encoder.set_images(Arc::new(pixels), Arc::new(labels));
        }
        PointSource::Mnist => encoder.load(samples),
    });
    Effect::new(move |before: Option<Option<(String, usize)>>| {
        view.generation.track();
        let model = view.model_key();
        if before.as_ref() == Some(&model) {
            encoder.weights_changed();
        } else {
            encoder.model_changed();
        }
        model
    });
    Effect::new(move |_| {
        if map.axes.get() != Axes::Principal {
            return;
        }
        if map.source.get() == PointSource::None {
            // Principal components need encoded images.
            return map.source.set(PointSource::Mnist);
        }
        // Only once all images are encoded, so that the axes do not rotate with each batch.
        let axes = map.points.with(|points| {
            (points.is_complete() && !points.labels.is_empty())
                .then(|| principal_components::axes(points))
                .flatten()
        });
        if axes.is_some() && map.principal.get_untracked() != axes {
            map.principal.set(axes);
        }
    });
}

#[derive(Clone, Copy)]
struct PointEncoder {
    actions: Actions,
    view: EngineView,
    map: LatentMapState,
    /// Number of the current run; earlier runs stop.
    run: StoredValue<u64>,
    /// Whether a run with newer weights is scheduled.
    refresh_scheduled: StoredValue<bool>,
}

impl PointEncoder {
    fn load(self, samples: SampleLoader) {
        let Self { map, .. } = self;
        self.set_images(Arc::default(), Arc::default());
        let failed = move |error: String| {
            map.error
                .set(Some(format!("The sample digits can’t be loaded: {error}")));
            map.source.set(PointSource::None);
        };
        spawn_local(async move {
            let loaded = samples.load().await;
            // The user may have chosen other points in the meantime.
            if map.source.get_untracked() == PointSource::Mnist {
                match loaded {
                    Ok(loaded) => self.set_images(loaded.pixels, loaded.labels),
                    Err(error) => failed(error),
                }
            }
        });
    }

    /// Starts to encode other images.
    fn set_images(self, images: Arc<Vec<u8>>, labels: Arc<Vec<u8>>) {
        if !images.is_empty() {
            self.map.error.set(None);
        }
        self.map.hovered.set(None);
        self.map.isolated.set(None);
        self.map.points.set(Points {
            images,
            labels,
            latent: self.latent(),
            ..Points::default()
        });
        self.encode();
    }

    /// Handles another model.
    fn model_changed(self) {
        self.map.hovered.set(None);
        self.map.principal.set(None);
        let latent = self.latent();
        self.map
            .points
            .update(|points| points.clear_encodings(latent));
        self.encode();
    }

    /// Handles newer weights, another label or another worker.
    fn weights_changed(self) {
        let complete = self.map.points.with_untracked(Points::is_complete);
        if !complete {
            return self.encode();
        }
        if !self.refresh_scheduled.get_value() {
            self.refresh_scheduled.set_value(true);
            let refresh = move || {
                self.refresh_scheduled.set_value(false);
                self.encode();
            };
            set_timeout(refresh, REFRESH);
        }
    }

    fn latent(self) -> usize {
        self.view
            .model
            .with_untracked(|model| model.as_ref().map_or(0, |model| model.latent_size))
    }

    /// Encodes the images that are not encoded yet, or all of them again.
    fn encode(self) {
        self.run.update_value(|run| *run += 1);
        let start = self.map.points.with_untracked(|points| {
            if points.is_complete() {
                0
            } else {
                points.means_by_image().len()
            }
        });
        self.encode_from(self.run.get_value(), start);
    }

    fn encode_from(self, run: u64, start: usize) {
        let images = self.map.points.with_untracked(|points| {
            let end = points.images.len().min((start + BATCH) * PIXELS);
            points.images.get(start * PIXELS..end).map(<[u8]>::to_vec)
        });
        let images = images.filter(|images| !images.is_empty());
        let fits = self.view.model.with_untracked(|model| {
            model
                .as_ref()
                .is_some_and(|model| model.image == protocol::ImageShape::MNIST)
        });
        let Some(images) = images.filter(|_| fits) else {
            return;
        };
        let count = images.len() / PIXELS;
        let batch = self.actions.encode_batch(images);
        spawn_local(async move {
            if let Ok([means, sigmas]) = batch.await
                && self.run.get_value() == run
            {
                self.map
                    .points
                    .update(|points| points.insert(start, [&means, &sigmas]));
                self.encode_from(run, start + count);
            }
        });
    }
}
