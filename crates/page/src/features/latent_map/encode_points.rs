//! Encodes all images of a set for the map, in batches, and again when the model or its weights change.

use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::dataset::samples::SampleLoader;
use crate::features::latent_map::points::{LabelledImages, Points};
use crate::features::latent_map::principal_components;
use crate::features::latent_map::state::{Axes, LatentMapState, PointSource};
use crate::latent::class_names::ClassNames;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use leptos::prelude::*;
use protocol::NO_LABEL;
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
        PointSource::None => encoder.set_images(LabelledImages::default()),
        PointSource::Own => encoder.set_images(digits.with(|list| LabelledImages {
            shape: list.shape(),
            pixels: Arc::new(list.pixels()),
            labels: Arc::new(list.labels().to_vec()),
            class_names: ClassNames::new(list.classes().names().to_vec()),
        })),
        PointSource::Samples(set) => encoder.load(samples, set),
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
            return map.show_images(digits);
        }
        // Only once all images are encoded, so that the axes do not rotate with each batch.
        let axes = map.points.with(|points| {
            (points.is_complete() && points.len() > 0)
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
    fn load(self, samples: SampleLoader, set: SampleSet) {
        let Self { map, .. } = self;
        self.set_images(LabelledImages::default());
        let failed = move |error: String| {
            map.error.set(Some(format!(
                "The {} can’t be loaded: {error}",
                set.images()
            )));
            map.source.set(PointSource::None);
        };
        spawn_local(async move {
            let loaded = samples.load(set).await;
            // The user may have chosen other points in the meantime.
            if map.source.get_untracked() == PointSource::Samples(set) {
                match loaded {
                    Ok(loaded) => self.set_images(LabelledImages {
                        shape: loaded.shape,
                        pixels: loaded.pixels,
                        labels: loaded.labels,
                        class_names: set.class_names(),
                    }),
                    Err(error) => failed(error),
                }
            }
        });
    }

    /// Starts to encode other images.
    fn set_images(self, images: LabelledImages) {
        if !images.pixels.is_empty() {
            self.map.error.set(None);
        }
        self.map.hovered.set(None);
        self.map.isolated.set(None);
        self.map.points.set(Points {
            images,
            latent: self.latent(),
            ..Points::default()
        });
        self.encode();
    }

    /// Handles another model.
    fn model_changed(self) {
        self.map.hovered.set(None);
        let source = self.map.source.get_untracked();
        let fits = match source {
            PointSource::None => true,
            PointSource::Own => {
                self.map.points.with_untracked(|points| points.images.shape)
                    == untrack(|| self.view.shape())
            }
            PointSource::Samples(set) => untrack(|| self.map.fitting_samples()) == Some(set),
        };
        if !fits {
            // Images of another kind mean nothing to this model.
            self.map.source.set(PointSource::None);
        }
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
        self.sort_for_conditional_model();
        let start = self.map.points.with_untracked(|points| {
            if points.is_complete() {
                0
            } else {
                points.means_by_image().len()
            }
        });
        self.encode_from(self.run.get_value(), start);
    }

    /// A conditional model encodes images of one class at a time, so they are brought together.
    fn sort_for_conditional_model(self) {
        let needs_sorting = self.is_given_classes()
            && self
                .map
                .points
                .with_untracked(|points| points.means.is_empty() && !points.labels().is_sorted());
        if needs_sorting {
            self.map
                .points
                .update(|points| points.images = points.images.sorted_by_class());
        }
    }

    /// Whether the model is conditional, and the images have its classes.
    fn is_given_classes(self) -> bool {
        let classes = self
            .view
            .model
            .with_untracked(|model| model.as_ref().map_or(0, |model| model.classes));
        let names = untrack(|| self.view.class_names());
        let same = self.map.points.with_untracked(|points| {
            let of_images = &points.images.class_names;
            *of_images == names || of_images.are_digits() && names.are_digits()
        });
        classes > 0 && same
    }

    fn encode_from(self, run: u64, start: usize) {
        let by_class = self.is_given_classes();
        let batch = self.map.points.with_untracked(|points| {
            if points.images.shape != untrack(|| self.view.shape()) {
                return None;
            }
            let rest = points.labels().get(start..)?;
            let class = by_class
                .then(|| rest.first().copied())
                .flatten()
                .filter(|class| *class != NO_LABEL);
            let is_alike = |label: &&u8| !by_class || Some(**label) == rest.first().copied();
            let count = rest.iter().take(BATCH).take_while(is_alike).count();
            let values = points.images.shape.values();
            let images = &points.images.pixels[start * values..][..count * values];
            (count > 0).then(|| (images.to_vec(), count, class.map(usize::from)))
        });
        let Some((images, count, class)) = batch else {
            return;
        };
        let batch = self.actions.encode_batch(images, class);
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
