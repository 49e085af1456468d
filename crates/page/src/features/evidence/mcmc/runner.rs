//! Runs Markov chains in segments, in turns.

use crate::features::evidence::mcmc::chains::McmcChains;
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

/// Largest number of transitions of a single chain, and of each of several.
const MAX_TRANSITIONS: [usize; 2] = [5_000, 2_500];
/// Decoder evaluations per segment: some ten milliseconds.
const SEGMENT_EVALUATIONS: usize = 100;
/// Seed of the proposals.
const SEED: u64 = 3;
/// Distance between the streams of two chains.
const STREAMS_PER_CHAIN: u64 = 1 << 32;

/// Number of transitions after which these chains are complete.
pub(crate) fn max_transitions(chains: &McmcChains) -> usize {
    let [single, each_of_several] = MAX_TRANSITIONS;
    if chains.all().len() > 1 {
        each_of_several
    } else {
        single
    }
}

/// Starts, pauses and resumes the chains.
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
    /// A runner with this kernel, without chains.
    pub(crate) fn new(kernel: McmcKernel) -> Self {
        Self {
            actions: expect_context(),
            view: expect_context(),
            evidence: expect_context(),
            kernel: RwSignal::new(kernel),
            is_pending: StoredValue::new(false),
        }
    }

    /// Starts new chains at these z.
    pub(crate) fn start(self, starts: Vec<Vec<f32>>) {
        self.evidence.chains.set(Arc::new(McmcChains::new(starts)));
        self.set_running(true);
    }

    /// Resumes or pauses the chains.
    pub(crate) fn set_running(self, running: bool) {
        self.evidence.chain_running.set(running);
        self.run_segment();
    }

    /// Runs the next segment, unless the chains are paused or complete, or a segment is pending.
    fn run_segment(self) {
        let Self { evidence, .. } = self;
        if self.is_pending.get_value() || !evidence.chain_running.get_untracked() {
            return;
        }
        let chains = evidence.chains.get_untracked();
        let encoded = self.view.encoded.get_untracked();
        let next = chains.shortest().and_then(|index| {
            let chain = &chains.all()[index];
            Some((index, chain.count(), chain.last()?))
        });
        let (Some((index, count, from)), Some(encoded)) = (next, encoded) else {
            return evidence.chain_running.set(false);
        };
        let most = max_transitions(&chains);
        if count >= most || from.len() != encoded.mu.len() {
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
            count: (SEGMENT_EVALUATIONS / evaluations).max(1).min(most - count),
            seed: SEED,
            stream: index as u64 * STREAMS_PER_CHAIN + count as u64,
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
                    // The user may have started other chains meanwhile.
                    if Arc::ptr_eq(&chains, &evidence.chains.get_untracked()) {
                        evidence
                            .chains
                            .set(Arc::new(chains.extended(index, &segment)));
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
