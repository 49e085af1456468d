//! State of the latent map.

use crate::features::dataset::image_set::ImageSet;
use crate::features::dataset::sample_set::SampleSet;
use crate::features::latent_map::latent_slice::LatentSlice;
use crate::features::latent_map::points::Points;
use crate::features::latent_map::scale::Scale;
use crate::features::latent_map::viewport::Viewport;
use crate::latent::kl_order::KlOrder;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;

/// Which images are shown as points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PointSource {
    /// No images.
    None,
    /// A data set that is served with the page.
    Samples(SampleSet),
    /// The user's training set.
    Own,
}

/// The plane's axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Axes {
    /// The two dimensions with the largest KL.
    #[default]
    LargestKl,
    /// Two dimensions, horizontal and vertical, counting from 0.
    Pair([usize; 2]),
    /// The first two principal components of the encoded images.
    Principal,
}

/// Signals of the map.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LatentMapState {
    engine: EngineView,
    /// The part of the plane in view.
    pub(crate) viewport: RwSignal<Viewport>,
    /// The requested axes.
    pub(crate) axes: RwSignal<Axes>,
    /// Scale of the axes.
    pub(crate) scale: RwSignal<Scale>,
    /// The first two principal components, `[latent]` each, once they are known.
    pub(crate) principal: RwSignal<Option<[Vec<f32>; 2]>>,
    /// The slice that is shown.
    pub(crate) slice: Memo<LatentSlice>,
    /// Whether decoded images are shown.
    pub(crate) shows_images: RwSignal<bool>,
    /// Whether the aggregate posterior is shown.
    pub(crate) shows_density: RwSignal<bool>,
    /// Which images are shown as points.
    pub(crate) source: RwSignal<PointSource>,
    /// Those images, as far as they are encoded.
    pub(crate) points: RwSignal<Points>,
    /// Why they can't be shown.
    pub(crate) error: RwSignal<Option<String>>,
    /// Index of the point under the pointer.
    pub(crate) hovered: RwSignal<Option<usize>>,
    /// Counts the requests to scroll the map into view.
    pub(crate) revealed: RwSignal<u32>,
    /// The class that is shown alone, if any.
    pub(crate) isolated: RwSignal<Option<u8>>,
}

impl LatentMapState {
    /// Starts with the view, axes and scale of the URL.
    pub(crate) fn new(opened: LatentMapOptions, latent: LatentVector, engine: EngineView) -> Self {
        let axes = RwSignal::new(opened.axes);
        let scale = RwSignal::new(opened.scale);
        let principal = RwSignal::new(None::<[Vec<f32>; 2]>);
        let size = Memo::new(move |_| latent.size());
        let slice = Memo::new(move |_| {
            let (size, scale) = (size.get(), scale.get());
            let fits = |pair: &[usize; 2]| pair[0] != pair[1] && pair.iter().all(|at| *at < size);
            match axes.get() {
                Axes::Pair(pair) if fits(&pair) => LatentSlice::axis_aligned(size, pair, scale),
                Axes::Principal => match principal.get() {
                    Some(axes) if axes.iter().all(|axis| axis.len() == size) => {
                        LatentSlice::along(axes, scale)
                    }
                    _ => LatentSlice::axis_aligned(size, largest_kl(engine, size), scale),
                },
                _ => LatentSlice::axis_aligned(size, largest_kl(engine, size), scale),
            }
        });
        Self {
            engine,
            viewport: RwSignal::new(opened.view.unwrap_or(Viewport::HOME)),
            axes,
            scale,
            principal,
            slice,
            shows_images: RwSignal::new(true),
            shows_density: RwSignal::new(false),
            source: RwSignal::new(PointSource::None),
            points: RwSignal::new(Points::default()),
            error: RwSignal::new(None),
            hovered: RwSignal::new(None),
            revealed: RwSignal::new(0),
            isolated: RwSignal::new(None),
        }
    }

    /// The shipped data set that fits the current model; `None` if its images have another shape.
    pub(crate) fn fitting_samples(&self) -> Option<SampleSet> {
        SampleSet::for_model(self.engine.shape(), &self.engine.class_names())
    }

    /// The images to show unless the user chooses: the shipped data set that fits the current model, else the user's own
    /// if they are of this shape. `None` if neither fits.
    pub(crate) fn fitting_source(&self, own: ImageSet) -> Option<PointSource> {
        let samples = self.fitting_samples().map(PointSource::Samples);
        let own_fits = || own.count() > 0 && own.shape() == self.engine.shape();
        samples.or_else(|| own_fits().then_some(PointSource::Own))
    }

    /// Shows images, if some fit the current model and no others are shown.
    pub(crate) fn show_images(&self, own: ImageSet) {
        if let (PointSource::None, Some(source)) = (
            self.source.get_untracked(),
            untrack(|| self.fitting_source(own)),
        ) {
            self.source.set(source);
        }
    }

    /// Whether encoded images are shown as points. The map is dark then.
    pub(crate) fn shows_points(&self) -> bool {
        self.source.get() != PointSource::None
    }

    /// Shows a part of the plane, and scrolls the map into view.
    pub(crate) fn show(&self, viewport: Viewport) {
        self.viewport.set(viewport.within_limits());
        self.revealed.update(|count| *count += 1);
    }

    /// Name of an axis: "z₁", or "PC 1" for a principal component.
    pub(crate) fn axis_name(&self, axis: usize) -> String {
        match self.slice.with(LatentSlice::pair) {
            Some(pair) => crate::latent::symbol(pair[axis]),
            None => format!("PC {}", axis + 1),
        }
    }
}

/// Initial options of the map, from the URL.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct LatentMapOptions {
    /// The part of the plane in view; `None` for −3 to 3.
    pub(crate) view: Option<Viewport>,
    /// The plane's axes.
    pub(crate) axes: Axes,
    /// Scale of the axes.
    pub(crate) scale: Scale,
}

/// The two dimensions with the largest KL; `[0, 1]` for two-dimensional models.
fn largest_kl(engine: EngineView, size: usize) -> [usize; 2] {
    if size <= 2 {
        return [0, 1];
    }
    let order = engine.model.with(|model| {
        let kl = model
            .as_ref()
            .map(|model| model.kl_per_dimension.as_slice());
        KlOrder::new(kl.unwrap_or_default(), size)
    });
    match order.active.as_slice() {
        [first, second, ..] => [*first, *second],
        _ => [0, 1],
    }
}
