//! State of the Explore panel that is also drawn on the latent map: the walk and the latent arithmetic.

use crate::features::explore::operand::Operand;
use crate::features::explore::pins::Pins;
use crate::latent::interpolation::{InterpolationPath, analogy};
use crate::latent::{clamp_latent, round_to_step};
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;

/// See the [module](self).
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExploreState {
    latent: LatentVector,
    pins: Pins,
    view: EngineView,
    /// Whether the panel is open.
    pub(crate) is_open: RwSignal<bool>,
    /// Whether walks are spherical; otherwise they are linear.
    pub(crate) spherical: RwSignal<bool>,
    /// Whether walks through the pins return to the first one.
    pub(crate) looped: RwSignal<bool>,
    /// Duration of one segment of a walk, in seconds.
    pub(crate) segment_seconds: RwSignal<f64>,
    /// The operands that the user chose.
    chosen: [RwSignal<Option<Operand>>; 3],
    /// Whether the latent arithmetic is drawn on the map.
    pub(crate) draws_arithmetic: RwSignal<bool>,
}

impl ExploreState {
    /// The state while the panel is closed.
    pub(crate) fn new(latent: LatentVector, pins: Pins, view: EngineView) -> Self {
        Self {
            latent,
            pins,
            view,
            is_open: RwSignal::new(false),
            spherical: RwSignal::new(true),
            looped: RwSignal::new(true),
            segment_seconds: RwSignal::new(2.0),
            chosen: std::array::from_fn(|_| RwSignal::new(None)),
            draws_arithmetic: RwSignal::new(false),
        }
    }

    /// The path through the pins; `None` if there are fewer than two.
    pub(crate) fn path(&self) -> Option<InterpolationPath> {
        let waypoints = self.pins.all();
        (waypoints.len() >= 2).then(|| InterpolationPath {
            waypoints,
            spherical: self.spherical.get(),
            looped: self.looped.get(),
            segment_seconds: self.segment_seconds.get(),
        })
    }

    /// The operands that can be chosen.
    pub(crate) fn operands(&self) -> Vec<Operand> {
        let pins = (0..self.pins.count()).map(Operand::Pin);
        let means = (0..self.view.class_means().len()).map(Operand::ClassMean);
        let current = std::iter::once(Operand::Current);
        current.chain(pins).chain(means).collect()
    }

    /// An operand of A − B + C, counting from 0.
    pub(crate) fn operand(&self, index: usize) -> Operand {
        let initial = || {
            let classes = self.view.class_means().len();
            Operand::initial(self.pins.count(), classes)[index]
        };
        self.chosen[index].get().unwrap_or_else(initial)
    }

    /// Chooses an operand.
    pub(crate) fn choose(&self, index: usize, operand: Operand) {
        self.chosen[index].set(Some(operand));
        self.draws_arithmetic.set(true);
    }

    /// The latent vector of an operand; `None` if the model or the pins do not have it.
    pub(crate) fn operand_z(&self, index: usize) -> Option<Vec<f32>> {
        match self.operand(index) {
            Operand::Current => Some(self.latent.z()),
            Operand::Pin(pin) => self.pins.get(pin),
            Operand::ClassMean(class) => self.view.class_means().get(class).cloned(),
        }
        .filter(|z| z.len() == self.latent.size())
    }

    /// A − B + C, rounded and clamped to what the sliders can show.
    pub(crate) fn arithmetic_result(&self) -> Option<Vec<f32>> {
        let [a, b, c] = [0, 1, 2].map(|index| self.operand_z(index));
        let z = analogy(&a?, &b?, &c?);
        let shown = z.into_iter().map(|z| round_to_step(clamp_latent(z)));
        Some(shown.collect())
    }
}
