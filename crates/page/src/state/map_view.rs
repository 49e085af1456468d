//! What the latent map shows.

use crate::map::{points::Points, viewport::Viewport};
use leptos::prelude::*;

/// Whose digits lie on the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PointSource {
    /// Nobody's.
    Nobody,
    /// The sample of MNIST that comes with the page.
    Mnist,
    /// Those that people gathered for training.
    Own,
}

/// The map, as signals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MapView {
    /// The part of the plane in view.
    pub(crate) viewport: RwSignal<Viewport>,
    /// Whether decoded pictures lie on it.
    pub(crate) pictures: RwSignal<bool>,
    /// Whose digits lie on it.
    pub(crate) source: RwSignal<PointSource>,
    /// Those digits, as far as they are encoded.
    pub(crate) points: RwSignal<Points>,
    /// What keeps them from being shown.
    pub(crate) trouble: RwSignal<Option<String>>,
    /// The one under the pointer.
    pub(crate) hovered: RwSignal<Option<usize>>,
}

impl MapView {
    /// Pictures, in this part of the plane.
    pub(crate) fn new(view: Option<Viewport>) -> Self {
        Self {
            viewport: RwSignal::new(view.unwrap_or(Viewport::HOME)),
            pictures: RwSignal::new(true),
            source: RwSignal::new(PointSource::Nobody),
            points: RwSignal::new(Points::default()),
            trouble: RwSignal::new(None),
            hovered: RwSignal::new(None),
        }
    }
}
