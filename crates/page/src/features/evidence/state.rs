//! State of the Evidence panel.

use crate::features::evidence::estimates::EvidenceEstimates;
use crate::features::evidence::mcmc::chains::McmcChains;
use crate::features::evidence::mcmc::diagnosis::Diagnosis;
use crate::features::evidence::posterior_collapse::active_units::UnitsSnapshot;
use crate::features::evidence::sentences::Sentences;
use leptos::prelude::*;
use std::sync::Arc;

/// Signals of the estimates for the encoded image.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EvidenceState {
    /// The estimates so far.
    pub(crate) estimates: RwSignal<EvidenceEstimates>,
    /// log p(x|z) at the current z, in nats.
    pub(crate) log_likelihood_at_z: RwSignal<Option<f64>>,
    /// Requested number of samples from the prior.
    pub(crate) prior_samples_wanted: RwSignal<usize>,
    /// Whether samples from the prior are being drawn.
    pub(crate) prior_sampling: RwSignal<bool>,
    /// The Markov chains.
    pub(crate) chains: RwSignal<Arc<McmcChains>>,
    /// Whether they have converged, as far as that is known.
    pub(crate) diagnosis: RwSignal<Option<Arc<Diagnosis>>>,
    /// Whether the chains are running.
    pub(crate) chain_running: RwSignal<bool>,
    /// Whether gradients are being estimated.
    pub(crate) gradients_running: RwSignal<bool>,
    /// Counts how often *Compute all* was pressed.
    pub(crate) compute_all: RwSignal<u64>,
    /// Sentences for screen readers.
    pub(crate) sentences: RwSignal<Sentences>,
    /// The latent dimensions of another model, for comparison.
    pub(crate) units_snapshot: RwSignal<Option<Arc<UnitsSnapshot>>>,
    /// The error of the last failed query.
    pub(crate) problem: RwSignal<Option<String>>,
    /// Whether a query of log p(x|z) is pending.
    pub(crate) at_z_pending: StoredValue<bool>,
}

impl EvidenceState {
    /// An empty state, with the number of samples from the prior to draw.
    pub(crate) fn new(prior_samples_wanted: usize) -> Self {
        Self {
            estimates: RwSignal::default(),
            log_likelihood_at_z: RwSignal::new(None),
            prior_samples_wanted: RwSignal::new(prior_samples_wanted),
            prior_sampling: RwSignal::new(false),
            chains: RwSignal::default(),
            diagnosis: RwSignal::new(None),
            chain_running: RwSignal::new(false),
            gradients_running: RwSignal::new(false),
            compute_all: RwSignal::new(0),
            sentences: RwSignal::default(),
            units_snapshot: RwSignal::new(None),
            problem: RwSignal::new(None),
            at_z_pending: StoredValue::new(false),
        }
    }

    /// Discards the estimates, for another image or model.
    pub(crate) fn reset(&self, prior_samples_wanted: usize) {
        self.estimates.set(EvidenceEstimates::default());
        self.log_likelihood_at_z.set(None);
        self.prior_sampling.set(false);
        self.chains.set(Arc::default());
        self.diagnosis.set(None);
        self.chain_running.set(false);
        self.prior_samples_wanted.set(prior_samples_wanted);
        self.problem.set(None);
    }
}
