//! Lets a Markov chain go on, piece by piece, while it is wanted.

use crate::features::evidence::mcmc::chain::McmcChain;
use crate::features::evidence::state::EvidenceState;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use leptos::prelude::*;
use protocol::{
    McmcKernel,
    evidence::{EvidenceQuery, EvidenceResult},
};
use std::sync::Arc;

/// A chain holds at so many transitions: by then it has said what it can.
pub(crate) const MOST_TRANSITIONS: usize = 5_000;
/// Passes through the decoder in a piece: some ten milliseconds.
const PASSES: usize = 100;
/// Decides the moves.
const SEED: u64 = 3;

/// Starts and stops the chain.
#[derive(Clone, Copy)]
pub(crate) struct McmcRunner {
    actions: Actions,
    view: EngineView,
    evidence: EvidenceState,
    /// How it moves.
    pub(crate) kind: RwSignal<McmcKernel>,
    /// Whether a piece is on its way.
    asked: StoredValue<bool>,
}

impl McmcRunner {
    /// A chain of this kind, which does not go yet.
    pub(crate) fn new(kind: McmcKernel) -> Self {
        Self {
            actions: expect_context(),
            view: expect_context(),
            evidence: expect_context(),
            kind: RwSignal::new(kind),
            asked: StoredValue::new(false),
        }
    }

    /// Begins at this z.
    pub(crate) fn begin(self, z: Vec<f32>) {
        self.evidence.chain.set(Arc::new(McmcChain::at(z)));
        self.go(true);
    }

    /// Goes on, or holds.
    pub(crate) fn go(self, on: bool) {
        self.evidence.chain_running.set(on);
        self.next();
    }

    /// The next piece.
    fn next(self) {
        let Self { evidence, .. } = self;
        if self.asked.get_value() || !evidence.chain_running.get_untracked() {
            return;
        }
        let chain = evidence.chain.get_untracked();
        let encoded = self.view.encoded.get_untracked();
        let (Some(from), Some(encoded)) = (chain.last(), encoded) else {
            return evidence.chain_running.set(false);
        };
        let count = chain.count();
        if count >= MOST_TRANSITIONS || from.len() != encoded.mu.len() {
            return evidence.chain_running.set(false);
        }
        let kind = self.kind.get_untracked();
        let each = match kind {
            McmcKernel::Metropolis { .. } => 1,
            McmcKernel::Hamiltonian { leapfrog_steps, .. } => leapfrog_steps.max(1),
        };
        let question = EvidenceQuery::McmcSteps {
            from: from.to_vec(),
            kernel: kind,
            count: (PASSES / each).max(1).min(MOST_TRANSITIONS - count),
            seed: SEED,
            stream: count as u64,
        };
        self.asked.set_value(true);
        let image = encoded.image.pixels.clone();
        self.actions.examine(image, question, move |found| {
            // Gone with the panel.
            if self.asked.try_set_value(false).is_some() {
                return;
            }
            match found {
                // Somebody may have begun anew meanwhile.
                Some(Ok(EvidenceResult::McmcSteps(piece))) => {
                    if Arc::ptr_eq(&chain, &evidence.chain.get_untracked()) {
                        evidence.chain.set(Arc::new(chain.and(&piece)));
                    }
                    self.next();
                }
                Some(Err(why)) => {
                    evidence.chain_running.set(false);
                    evidence.problem.set(Some(why));
                }
                _ => evidence.chain_running.set(false),
            }
        });
    }
}
