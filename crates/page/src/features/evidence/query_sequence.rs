//! Asks the worker about the image that is encoded: first what is quick and said in large, then what takes
//! its time. Another image, model or label begins anew.

use crate::dom;
use crate::features::evidence::estimates::EvidenceEstimates;
use crate::features::evidence::naive_estimate::MAX_SAMPLES;
use crate::features::evidence::state::EvidenceState;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use futures_channel::oneshot;
use leptos::prelude::*;
use protocol::evidence::{EvidenceQuery, EvidenceResult, Proposal};
use std::sync::Arc;

/// The samples of q(z|x) that are drawn.
const SAMPLES: usize = 5_000;
/// Samples in a request: the first few at once, later ones in larger batches.
const BATCHES: [usize; 3] = [100, 400, 500];
/// Samples from the prior in a request.
const NAIVE_BATCH: usize = 500;
/// Samples from the prior that are drawn unasked, and with each press of the button.
pub(crate) const NAIVE_ROUND: usize = 20_000;
/// Quadrature ends when dividing its cells changes less than this, in nats.
const ERROR: f64 = 2e-3;
/// It ends at the latest after so many divisions.
const DIVISIONS: usize = 7;
/// Decide the samples from q(z|x) and from the prior.
const SEEDS: [u64; 2] = [1, 2];

/// Asks while its owner lives.
pub(crate) fn run_queries() {
    let queries = QuerySequence {
        actions: expect_context(),
        view: expect_context(),
        evidence: expect_context(),
        run: StoredValue::new(0),
    };
    Effect::new(move |_| {
        let encoded = queries.view.encoded.get();
        queries.run.update_value(|run| *run += 1);
        let run = queries.run.get_value();
        queries.evidence.begin(NAIVE_ROUND);
        if let Some(encoded) = encoded {
            let image = encoded.image.pixels.clone();
            let two_d = encoded.mu.len() == 2;
            wasm_bindgen_futures::spawn_local(async move {
                queries.examine(run, image, two_d).await;
            });
        }
    });
    let follow = queries;
    // More samples from the prior were asked for.
    Effect::new(move |before: Option<usize>| {
        let wanted = follow.evidence.naive_wanted.get();
        let more = before.is_some_and(|before| wanted > before);
        let encoded = follow.view.encoded.get_untracked();
        if let Some(encoded) = encoded.filter(|_| more) {
            let run = follow.run.get_value();
            let image = encoded.image.pixels.clone();
            wasm_bindgen_futures::spawn_local(async move {
                follow.naive(run, &image).await;
            });
        }
        wanted
    });
    Effect::new(move |_| follow.at_z());
}

#[derive(Clone, Copy)]
struct QuerySequence {
    actions: Actions,
    view: EngineView,
    evidence: EvidenceState,
    /// Counts the images: what is found of an earlier one is dropped.
    run: StoredValue<u64>,
}

impl QuerySequence {
    async fn examine(self, run: u64, image: Vec<u8>, two_d: bool) -> Option<()> {
        let [first, second, rest] = BATCHES;
        self.weigh(run, &image, first).await?;
        if two_d {
            self.exact(run, &image).await?;
        }
        let since = dom::now();
        self.weigh(run, &image, second).await?;
        while self.known(run)?.weights.count() < SAMPLES {
            self.weigh(run, &image, rest).await?;
        }
        dom::measure("evidence-weights", since, dom::now());
        self.naive(run, &image).await
    }

    /// More samples from q(z|x).
    async fn weigh(self, run: u64, image: &[u8], count: usize) -> Option<()> {
        let evidence = EvidenceQuery::ImportanceWeights {
            proposal: Proposal::Posterior,
            count,
            seed: SEEDS[0],
            stream: self.known(run)?.weights.count() as u64,
        };
        if let EvidenceResult::ImportanceWeights {
            log_weights: logs,
            log_likelihood,
        } = self.ask(run, image, evidence).await?
        {
            self.evidence.estimates.update(|estimates| {
                estimates.weights = Arc::new(estimates.weights.and(&logs, &log_likelihood));
            });
        }
        Some(())
    }

    /// Quadrature: coarse at once, then on ever smaller cells.
    async fn exact(self, run: u64, image: &[u8]) -> Option<()> {
        let since = dom::now();
        loop {
            match self.ask(run, image, EvidenceQuery::DecodeGrid).await? {
                EvidenceResult::Grid { done, total } if done < total => {}
                _ => break,
            }
        }
        let prepared = dom::now();
        dom::measure("evidence-grid", since, prepared);
        let mut evidence = EvidenceQuery::Quadrature;
        for _ in 0..=DIVISIONS {
            let EvidenceResult::Quadrature(exact) = self.ask(run, image, evidence.clone()).await?
            else {
                return None;
            };
            let error = exact.error;
            if evidence == EvidenceQuery::Quadrature {
                dom::measure("evidence-coarse", prepared, dom::now());
            }
            self.evidence
                .estimates
                .update(|estimates| estimates.exact = Some(Arc::new(exact)));
            if error < ERROR {
                break;
            }
            evidence = EvidenceQuery::RefineQuadrature;
        }
        dom::measure("evidence-refined", prepared, dom::now());
        Some(())
    }

    /// Samples from the prior, until there are as many as are wanted.
    async fn naive(self, run: u64, image: &[u8]) -> Option<()> {
        if self.evidence.naive_running.get_untracked() {
            return None;
        }
        self.evidence.naive_running.try_set(true);
        let done = self.draw_from_prior(run, image).await;
        if self.run.try_get_value() == Some(run) {
            self.evidence.naive_running.try_set(false);
        }
        done
    }

    async fn draw_from_prior(self, run: u64, image: &[u8]) -> Option<()> {
        loop {
            let count = self.known(run)?.naive.count();
            let wanted = self
                .evidence
                .naive_wanted
                .try_get_untracked()?
                .min(MAX_SAMPLES);
            if count >= wanted {
                return Some(());
            }
            let evidence = EvidenceQuery::ImportanceWeights {
                proposal: Proposal::Prior,
                count: NAIVE_BATCH.min(wanted - count),
                seed: SEEDS[1],
                stream: count as u64,
            };
            if let EvidenceResult::ImportanceWeights {
                log_weights: logs, ..
            } = self.ask(run, image, evidence).await?
            {
                self.evidence.estimates.update(|estimates| {
                    estimates.naive = Arc::new(estimates.naive.and(&logs));
                });
            }
        }
    }

    /// Keeps log p(x|z) of the z on the stage, one question at a time.
    fn at_z(self) {
        let frame = self.view.frame.get();
        let encoded = self.view.encoded.get();
        if self.evidence.asked_at_z.get_value() {
            return;
        }
        let (Some(frame), Some(encoded)) = (frame, encoded) else {
            return;
        };
        let z = frame.point.z.clone();
        if z.len() != encoded.mu.len() {
            return;
        }
        self.evidence.asked_at_z.set_value(true);
        let evidence = EvidenceQuery::LogLikelihood { z: z.clone() };
        let image = encoded.image.pixels.clone();
        self.actions.examine(image, evidence, move |found| {
            if self.evidence.asked_at_z.try_set_value(false).is_some() {
                return;
            }
            let found = match found {
                Some(Ok(EvidenceResult::LogLikelihood(logs))) => logs.first().copied(),
                _ => None,
            };
            self.evidence.at_z.try_set(found);
            // z may have moved on meanwhile.
            let newest = self.view.frame.try_get_untracked().flatten();
            if found.is_some() && newest.is_some_and(|newest| newest.point.z != z) {
                self.at_z();
            }
        });
    }

    /// What is known of the image of this run; none when it is over.
    fn known(self, run: u64) -> Option<EvidenceEstimates> {
        let current = self.run.try_get_value()? == run;
        current.then(|| self.evidence.estimates.get_untracked())
    }

    /// Asks, and waits. None when another image came, or there is no answer; why not is said on the panel.
    async fn ask(self, run: u64, image: &[u8], evidence: EvidenceQuery) -> Option<EvidenceResult> {
        self.known(run)?;
        let (sender, receiver) = oneshot::channel();
        self.actions.examine(image.to_vec(), evidence, |found| {
            // Nobody waits any more when the panel is gone.
            sender.send(found).ok();
        });
        let found = receiver.await.ok().flatten();
        self.known(run)?;
        match found? {
            Ok(found) => Some(found),
            Err(why) => {
                self.evidence.problem.set(Some(why));
                None
            }
        }
    }
}
