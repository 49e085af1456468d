//! Runs the queries about the encoded image one after another: quick results first. The sequence starts again with
//! another image, model or label.

use crate::dom;
use crate::features::evidence::estimates::EvidenceEstimates;
use crate::features::evidence::gap_split::{GapSplit, search};
use crate::features::evidence::naive_estimate::MAX_SAMPLES;
use crate::features::evidence::sentences::{announce, estimates_sentence};
use crate::features::evidence::state::EvidenceState;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use client::JobError;
use estimate::{Fitted, GaussianFit, PlaneGaussian};
use leptos::prelude::*;
use protocol::evidence::{EvidenceQuery, EvidenceResult, Proposal};
use std::sync::Arc;

/// Number of samples from q(z|x).
const POSTERIOR_SAMPLES: usize = 5_000;
/// Sizes of the first, the second and all further batches: the first results appear quickly.
const POSTERIOR_BATCHES: [usize; 3] = [100, 400, 500];
/// Samples from the prior per query.
const PRIOR_BATCH: usize = 500;
/// Samples from the prior that are drawn automatically, and again with each press of the button.
pub(crate) const PRIOR_ROUND: usize = 20_000;
/// Adaptive quadrature stops when a refinement changes the result by less than this, in nats.
const TOLERANCE: f64 = 2e-3;
/// Largest number of refinements.
const MAX_REFINEMENTS: usize = 7;
/// Seeds of the samples from q(z|x) and from the prior.
const SEEDS: [u64; 2] = [1, 2];

/// Runs queries while the current owner lives.
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
        queries.evidence.reset(PRIOR_ROUND);
        if let Some(encoded) = encoded {
            let image = encoded.image.pixels.clone();
            let model = queries.view.model.get_untracked();
            let has_quadrature = model.is_some_and(|model| model.has_quadrature());
            wasm_bindgen_futures::spawn_local(async move {
                queries.run_all(run, image, has_quadrature).await;
            });
        }
    });
    // Continues when the user requests more samples from the prior.
    Effect::new(move |before: Option<usize>| {
        let wanted = queries.evidence.prior_samples_wanted.get();
        let more = before.is_some_and(|before| wanted > before);
        let encoded = queries.view.encoded.get_untracked();
        if let Some(encoded) = encoded.filter(|_| more) {
            let run = queries.run.get_value();
            let image = encoded.image.pixels.clone();
            wasm_bindgen_futures::spawn_local(async move {
                queries.sample_prior(run, &image).await;
            });
        }
        wanted
    });
}

#[derive(Clone, Copy)]
struct QuerySequence {
    actions: Actions,
    view: EngineView,
    evidence: EvidenceState,
    /// Number of the current run; results of earlier runs are dropped.
    run: StoredValue<u64>,
}

impl QuerySequence {
    async fn run_all(self, run: u64, image: Vec<u8>, has_quadrature: bool) -> Option<()> {
        let [first, second, rest] = POSTERIOR_BATCHES;
        self.sample_posterior(run, &image, first, first).await?;
        if has_quadrature {
            self.integrate(run, &image).await?;
        }
        let started_at = dom::now();
        self.sample_posterior(run, &image, first + second, second)
            .await?;
        self.sample_posterior(run, &image, POSTERIOR_SAMPLES, rest)
            .await?;
        dom::measure("evidence-weights", started_at, dom::now());
        if has_quadrature {
            // Without it, the rest still goes on.
            self.split_gap(run, &image).await;
        }
        self.sample_prior(run, &image).await
    }

    /// Draws samples from q(z|x) in batches until there are `wanted`.
    async fn sample_posterior(
        self,
        run: u64,
        image: &[u8],
        wanted: usize,
        batch: usize,
    ) -> Option<()> {
        let mut requested = self.estimates_of(run)?.weights.count();
        let next = |_: Option<&EvidenceResult>| {
            let stream = requested as u64;
            let count = batch.min(wanted.saturating_sub(requested));
            requested += count;
            (count > 0).then_some(EvidenceQuery::ImportanceWeights {
                proposal: Proposal::Posterior,
                count,
                seed: SEEDS[0],
                stream,
            })
        };
        let show = |result| {
            if let EvidenceResult::ImportanceWeights {
                log_weights,
                log_likelihood,
            } = result
            {
                self.evidence.estimates.update(|estimates| {
                    estimates.weights = Arc::new(
                        estimates
                            .weights
                            .with_samples(&log_weights, &log_likelihood),
                    );
                });
            }
        };
        self.query_in_turn(run, image, next, show).await
    }

    /// Adaptive quadrature: a coarse result first, then refinements.
    async fn integrate(self, run: u64, image: &[u8]) -> Option<()> {
        let started_at = dom::now();
        loop {
            match self.query(run, image, EvidenceQuery::DecodeGrid).await? {
                EvidenceResult::Grid { done, total } if done < total => {}
                _ => break,
            }
        }
        let prepared = dom::now();
        dom::measure("evidence-grid", started_at, prepared);
        let mut refinements = 0;
        let next = |before: Option<&EvidenceResult>| match before {
            None => Some(EvidenceQuery::Quadrature),
            Some(EvidenceResult::Quadrature(exact))
                if exact.error >= TOLERANCE && refinements < MAX_REFINEMENTS =>
            {
                refinements += 1;
                Some(EvidenceQuery::RefineQuadrature)
            }
            Some(_) => None,
        };
        let mut is_first = true;
        let show = |result| {
            if std::mem::take(&mut is_first) {
                dom::measure("evidence-coarse", prepared, dom::now());
            }
            if let EvidenceResult::Quadrature(exact) = result {
                self.evidence
                    .estimates
                    .update(|estimates| estimates.exact = Some(Arc::new(exact)));
            }
        };
        self.query_in_turn(run, image, next, show).await?;
        dom::measure("evidence-refined", prepared, dom::now());
        Some(())
    }

    /// Finds the best axis-aligned Gaussian, and with it what the gap is due to.
    async fn split_gap(self, run: u64, image: &[u8]) -> Option<()> {
        let exact = self.estimates_of(run)?.exact?;
        let encoder = self.view.encoded.with_untracked(|encoded| {
            let encoded = encoded.as_ref()?;
            let pair = |values: &[f32]| Some([*values.first()?, *values.get(1)?].map(f64::from));
            Some(PlaneGaussian {
                mu: pair(&encoded.mu)?,
                sigma: pair(&encoded.sigma)?,
            })
        })?;
        let of_encoder = self
            .fit(run, image, GaussianFit::evaluation(encoder))
            .await?;
        let (mut shifted, mut best) = (vec![of_encoder], Vec::new());
        for start in search::starts(encoder, &exact.cells) {
            let found = self.fit(run, image, GaussianFit::new(start, false)).await?;
            shifted.push(found);
            best.push(
                self.fit(run, image, GaussianFit::new(found.q, true))
                    .await?,
            );
        }
        let shifted = search::best(shifted)?;
        let best = search::best(best.into_iter().chain([shifted]))?;
        self.evidence.estimates.update(|estimates| {
            estimates.gap_split = Some(GapSplit::new(&exact, of_encoder, shifted, best));
        });
        Some(())
    }

    /// Runs a search for a Gaussian.
    async fn fit(self, run: u64, image: &[u8], mut fit: GaussianFit) -> Option<Fitted> {
        while !fit.is_done() {
            let query = EvidenceQuery::LogLikelihood { z: fit.points() };
            let EvidenceResult::LogLikelihood(values) = self.query(run, image, query).await? else {
                return None;
            };
            fit.advance(&values);
        }
        fit.result()
    }

    /// Draws samples from the prior until the requested number is reached. Does nothing if that is running already.
    async fn sample_prior(self, run: u64, image: &[u8]) -> Option<()> {
        if self.evidence.prior_sampling.get_untracked() {
            return None;
        }
        self.evidence.prior_sampling.try_set(true);
        let done = self.sample_prior_batches(run, image).await;
        if let Some(estimates) = self.estimates_of(run) {
            self.evidence.prior_sampling.try_set(false);
            if done.is_some() {
                announce(self.evidence.sentences, estimates_sentence(&estimates));
            }
        }
        done
    }

    async fn sample_prior_batches(self, run: u64, image: &[u8]) -> Option<()> {
        let wanted = move || {
            let wanted = self.evidence.prior_samples_wanted.try_get_untracked();
            wanted.unwrap_or_default().min(MAX_SAMPLES)
        };
        let mut requested = self.estimates_of(run)?.naive.count();
        // More may be requested while the last batch is in progress.
        while requested < wanted() {
            let next = |_: Option<&EvidenceResult>| {
                let stream = requested as u64;
                let count = PRIOR_BATCH.min(wanted().saturating_sub(requested));
                requested += count;
                (count > 0).then_some(EvidenceQuery::ImportanceWeights {
                    proposal: Proposal::Prior,
                    count,
                    seed: SEEDS[1],
                    stream,
                })
            };
            let show = |result| {
                if let EvidenceResult::ImportanceWeights { log_weights, .. } = result {
                    self.evidence.estimates.update(|estimates| {
                        estimates.naive = Arc::new(estimates.naive.with_samples(&log_weights));
                    });
                }
            };
            self.query_in_turn(run, image, next, show).await?;
        }
        Some(())
    }

    /// The estimates, if `run` is still the current one.
    fn estimates_of(self, run: u64) -> Option<EvidenceEstimates> {
        let current = self.run.try_get_value()? == run;
        current.then(|| self.evidence.estimates.get_untracked())
    }

    /// Runs queries one after another. `next` makes each of them from the result before it, until it gives none. A query
    /// is sent before `show` gets the result before it, so that the worker computes while the page draws. `None` if the
    /// run is over, or a query failed.
    async fn query_in_turn(
        self,
        run: u64,
        image: &[u8],
        mut next: impl FnMut(Option<&EvidenceResult>) -> Option<EvidenceQuery>,
        mut show: impl FnMut(EvidenceResult),
    ) -> Option<()> {
        self.estimates_of(run)?;
        let send = |query| self.actions.query(image.to_vec(), query);
        let mut pending = next(None).map(send);
        while let Some(sent) = pending {
            let result = self.received(run, sent.await)?;
            pending = next(Some(&result)).map(send);
            show(result);
        }
        Some(())
    }

    /// Sends a query and waits for the result. `None` if the run is over, or the query failed.
    async fn query(self, run: u64, image: &[u8], query: EvidenceQuery) -> Option<EvidenceResult> {
        self.estimates_of(run)?;
        let result = self.actions.query(image.to_vec(), query).await;
        self.received(run, result)
    }

    /// The result, if the run is still the current one. The reason of a failure is shown on the panel.
    fn received(
        self,
        run: u64,
        result: Result<EvidenceResult, JobError>,
    ) -> Option<EvidenceResult> {
        self.estimates_of(run)?;
        match result {
            Ok(result) => Some(result),
            Err(JobError::Failed(error)) => {
                self.evidence.problem.set(Some(error));
                None
            }
            Err(JobError::Cancelled) => None,
        }
    }
}
