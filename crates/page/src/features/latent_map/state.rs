//! What the latent map shows.

use crate::features::latent_map::latent_slice::{LatentSlice, Scale};
use crate::features::latent_map::points::Points;
use crate::features::latent_map::viewport::Viewport;
use crate::latent::kl_order::KlOrder;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;

/// Whose digits lie on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PointSource {
    /// No images.
    None,
    /// The sample of MNIST that comes with the page.
    Mnist,
    /// Those that people gathered for training.
    Own,
}

/// Which plane the map is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Axes {
    /// That of the two dimensions that say most.
    #[default]
    LargestKl,
    /// That of these two, across and up, counting from 0.
    Pair([usize; 2]),
    /// That along which the encoded digits lie farthest apart.
    Principal,
}

/// The map, as signals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LatentMapState {
    /// The part of the plane in view.
    pub(crate) viewport: RwSignal<Viewport>,
    /// Which plane was asked for.
    pub(crate) axes: RwSignal<Axes>,
    /// How it is counted.
    pub(crate) scale: RwSignal<Scale>,
    /// The two principal axes of the encoded digits, `[latent]` each, once they are known.
    pub(crate) principal: RwSignal<Option<[Vec<f32>; 2]>>,
    /// The plane that is shown.
    pub(crate) slice: Memo<LatentSlice>,
    /// Whether decoded pictures lie on it.
    pub(crate) pictures: RwSignal<bool>,
    /// Whether the density of the digits lies on it.
    pub(crate) density: RwSignal<bool>,
    /// Whose digits lie on it.
    pub(crate) source: RwSignal<PointSource>,
    /// Those digits, as far as they are encoded.
    pub(crate) points: RwSignal<Points>,
    /// What keeps them from being shown.
    pub(crate) error: RwSignal<Option<String>>,
    /// The one under the pointer.
    pub(crate) hovered: RwSignal<Option<usize>>,
}

impl LatentMapState {
    /// TileLayer, in this part of this plane.
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
                    _ => LatentSlice::axis_aligned(size, likeliest(engine, size), scale),
                },
                _ => LatentSlice::axis_aligned(size, likeliest(engine, size), scale),
            }
        });
        Self {
            viewport: RwSignal::new(opened.view.unwrap_or(Viewport::HOME)),
            axes,
            scale,
            principal,
            slice,
            pictures: RwSignal::new(true),
            density: RwSignal::new(false),
            source: RwSignal::new(PointSource::None),
            points: RwSignal::new(Points::default()),
            error: RwSignal::new(None),
            hovered: RwSignal::new(None),
        }
    }

    /// The axes as they are called: z₁, or the first principal component.
    pub(crate) fn axis_name(&self, axis: usize) -> String {
        match self.slice.with(LatentSlice::pair) {
            Some(pair) => crate::latent::symbol(pair[axis]),
            None => format!("PC {}", axis + 1),
        }
    }
}

/// What an address says of the map.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct LatentMapOptions {
    /// The part in view; none for the usual one.
    pub(crate) view: Option<Viewport>,
    /// The plane.
    pub(crate) axes: Axes,
    /// How it is counted.
    pub(crate) scale: Scale,
}

/// The two dimensions with the largest KL; of two dimensions, both in their order.
fn likeliest(engine: EngineView, size: usize) -> [usize; 2] {
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
