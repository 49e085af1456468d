//! What is found out about log p(x) of the image that is encoded.

use crate::features::evidence::estimates::EvidenceEstimates;
use crate::features::evidence::mcmc::chain::McmcChain;
use crate::features::evidence::posterior_collapse::active_units::UnitsSnapshot;
use leptos::prelude::*;
use std::sync::Arc;

/// The estimates, as signals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EvidenceState {
    /// What is known so far.
    pub(crate) estimates: RwSignal<EvidenceEstimates>,
    /// log p(x|z) of the z on the stage, in nats.
    pub(crate) at_z: RwSignal<Option<f64>>,
    /// As many samples from the prior are to be drawn.
    pub(crate) naive_wanted: RwSignal<usize>,
    /// Whether they are being drawn.
    pub(crate) naive_running: RwSignal<bool>,
    /// The Markov chain.
    pub(crate) chain: RwSignal<Arc<McmcChain>>,
    /// Whether it goes on.
    pub(crate) chain_running: RwSignal<bool>,
    /// The dimensions of a model that others are compared with.
    pub(crate) units_snapshot: RwSignal<Option<Arc<UnitsSnapshot>>>,
    /// Why something is not found.
    pub(crate) problem: RwSignal<Option<String>>,
    /// Whether log p(x|z) was asked for and has not come.
    pub(crate) asked_at_z: StoredValue<bool>,
}

impl EvidenceState {
    /// Nothing yet.
    pub(crate) fn new(naive_wanted: usize) -> Self {
        Self {
            estimates: RwSignal::default(),
            at_z: RwSignal::new(None),
            naive_wanted: RwSignal::new(naive_wanted),
            naive_running: RwSignal::new(false),
            chain: RwSignal::default(),
            chain_running: RwSignal::new(false),
            units_snapshot: RwSignal::new(None),
            problem: RwSignal::new(None),
            asked_at_z: StoredValue::new(false),
        }
    }

    /// Another image, or another model: all is forgotten.
    pub(crate) fn begin(&self, naive_wanted: usize) {
        self.estimates.set(EvidenceEstimates::default());
        self.at_z.set(None);
        self.naive_running.set(false);
        self.chain.set(Arc::default());
        self.chain_running.set(false);
        self.naive_wanted.set(naive_wanted);
        self.problem.set(None);
    }
}
