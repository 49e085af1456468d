//! What is found out about log p(x) of the image that is encoded.

use crate::features::evidence::findings::Findings;
use crate::features::evidence::mcmc::chain::ChainRun;
use crate::features::evidence::posterior_collapse::active_units::KeptUnits;
use leptos::prelude::*;
use std::sync::Arc;

/// The findings, as signals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EvidenceView {
    /// What is known so far.
    pub(crate) findings: RwSignal<Findings>,
    /// log p(x|z) of the z on the stage, in nats.
    pub(crate) at_z: RwSignal<Option<f64>>,
    /// As many samples from the prior are to be drawn.
    pub(crate) naive_wanted: RwSignal<usize>,
    /// Whether they are being drawn.
    pub(crate) naive_runs: RwSignal<bool>,
    /// The Markov chain.
    pub(crate) chain: RwSignal<Arc<ChainRun>>,
    /// Whether it goes on.
    pub(crate) chain_runs: RwSignal<bool>,
    /// The dimensions of a model that others are compared with.
    pub(crate) kept_units: RwSignal<Option<Arc<KeptUnits>>>,
    /// Why something is not found.
    pub(crate) problem: RwSignal<Option<String>>,
    /// Whether log p(x|z) was asked for and has not come.
    pub(crate) asked_at_z: StoredValue<bool>,
}

impl EvidenceView {
    /// Nothing yet.
    pub(crate) fn new(naive_wanted: usize) -> Self {
        Self {
            findings: RwSignal::default(),
            at_z: RwSignal::new(None),
            naive_wanted: RwSignal::new(naive_wanted),
            naive_runs: RwSignal::new(false),
            chain: RwSignal::default(),
            chain_runs: RwSignal::new(false),
            kept_units: RwSignal::new(None),
            problem: RwSignal::new(None),
            asked_at_z: StoredValue::new(false),
        }
    }

    /// Another image, or another model: all is forgotten.
    pub(crate) fn begin(&self, naive_wanted: usize) {
        self.findings.set(Findings::default());
        self.at_z.set(None);
        self.naive_runs.set(false);
        self.chain.set(Arc::default());
        self.chain_runs.set(false);
        self.naive_wanted.set(naive_wanted);
        self.problem.set(None);
    }
}
