//! Runs a Markov chain in segments.

use crate::features::evidence::mcmc::chain::McmcChain;
use crate::features::evidence::state::EvidenceState;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use client::JobError;
use leptos::prelude::*;
use protocol::{
    McmcKernel,
    evidence::{EvidenceQuery, EvidenceResult},
};
use std::sync::Arc;
use wasm_bindgen_futures::spawn_local;

/// Largest number of transitions.
pub(crate) const MAX_TRANSITIONS: usize = 5_000;
/// Decoder evaluations per segment: some ten milliseconds.
const SEGMENT_EVALUATIONS: usize = 100;
/// Seed of the proposals.
const SEED: u64 = 3;

/// Starts, pauses and resumes the chain.
#[derive(Clone, Copy)]
pub(crate) struct McmcRunner {
    actions: Actions,
    view: EngineView,
    evidence: EvidenceState,
    /// The transition kernel.
    pub(crate) kernel: RwSignal<McmcKernel>,
    /// Whether a segment is pending.
    is_pending: StoredValue<bool>,
}

impl McmcRunner {
    /// A runner with this kernel, without a chain.
    pub(crate) fn new(kernel: McmcKernel) -> Self {
        Self {
            actions: expect_context(),
            view: expect_context(),
            evidence: expect_context(),
            kernel: RwSignal::new(kernel),
            is_pending: StoredValue::new(false),
        }
    }

    /// Starts a new chain at z.
    pub(crate) fn start(self, z: Vec<f32>) {
        self.evidence.chain.set(Arc::new(McmcChain::new(z)));
        self.set_running(true);
    }

    /// Resumes or pauses the chain.
    pub(crate) fn set_running(self, running: bool) {
        self.evidence.chain_running.set(running);
        self.run_segment();
    }

    /// Runs the next segment, unless the chain is paused, complete, or a segment is pending.
    fn run_segment(self) {
        let Self { evidence, .. } = self;
        if self.is_pending.get_value() || !evidence.chain_running.get_untracked() {
            return;
        }
        let chain = evidence.chain.get_untracked();
        let encoded = self.view.encoded.get_untracked();
        let (Some(from), Some(encoded)) = (chain.last(), encoded) else {
            return evidence.chain_running.set(false);
        };
        let count = chain.count();
        if count >= MAX_TRANSITIONS || from.len() != encoded.mu.len() {
            return evidence.chain_running.set(false);
        }
        let kernel = self.kernel.get_untracked();
        let evaluations = match kernel {
            McmcKernel::Metropolis { .. } => 1,
            McmcKernel::Hamiltonian { leapfrog_steps, .. } => leapfrog_steps.max(1),
        };
        let query = EvidenceQuery::McmcSteps {
            from: from.to_vec(),
            kernel,
            count: (SEGMENT_EVALUATIONS / evaluations)
                .max(1)
                .min(MAX_TRANSITIONS - count),
            seed: SEED,
            stream: count as u64,
        };
        self.is_pending.set_value(true);
        let image = encoded.image.pixels.clone();
        let result = self.actions.query(image, query);
        spawn_local(async move {
            let result = result.await;
            // The panel was closed.
            if self.is_pending.try_set_value(false).is_some() {
                return;
            }
            match result {
                Ok(EvidenceResult::McmcSteps(segment)) => {
                    // The user may have started another chain meanwhile.
                    if Arc::ptr_eq(&chain, &evidence.chain.get_untracked()) {
                        evidence.chain.set(Arc::new(chain.extended(&segment)));
                    }
                    self.run_segment();
                }
                Err(JobError::Failed(error)) => {
                    evidence.chain_running.set(false);
                    evidence.problem.set(Some(error));
                }
                _ => evidence.chain_running.set(false),
            }
        });
    }
}
