//! Finished runs for screen readers: one sentence each. No web types.

use crate::features::evidence::estimates::EvidenceEstimates;
use crate::number::format::{fixed, grouped};
use leptos::prelude::*;

/// Sentences that are kept.
const KEPT: usize = 5;

/// The newest sentences, each with its number.
pub(crate) type Sentences = Vec<(u64, String)>;

/// Adds a sentence; the oldest is removed.
pub(crate) fn announce(sentences: RwSignal<Sentences>, text: String) {
    sentences.try_update(|sentences| {
        let number = sentences.last().map_or(0, |(number, _)| number + 1);
        sentences.push((number, text));
        let excess = sentences.len().saturating_sub(KEPT);
        sentences.drain(..excess);
    });
}

/// What is known about the image after its run.
pub(crate) fn estimates_sentence(estimates: &EvidenceEstimates) -> String {
    let mut parts = Vec::new();
    let bounds = estimates.weights.bounds();
    if let Some((_, elbo)) = bounds.first() {
        parts.push(format!("the ELBO is {} nats", fixed(elbo.value, 1)));
    }
    match (&estimates.exact, bounds.last()) {
        (Some(exact), _) => parts.push(format!(
            "log p of x is {} nats by quadrature",
            fixed(exact.log_evidence, 1)
        )),
        (None, Some((k, bound))) => parts.push(format!(
            "the bound with {} samples is {} nats",
            grouped(*k),
            fixed(bound.value, 1)
        )),
        (None, None) => {}
    }
    if let Some(naive) = estimates.naive.current() {
        parts.push(format!(
            "the naive estimate from {} samples is {} nats",
            grouped(naive.n),
            fixed(naive.value, 1)
        ));
    }
    format!("Evidence computed: {}.", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::evidence::importance_weights::ImportanceWeights;
    use crate::features::evidence::naive_estimate::NaiveEstimate;
    use std::sync::Arc;

    #[test]
    fn estimates_sentence_names_what_is_known() {
        let logs = [-101.0, -99.0];
        let estimates = EvidenceEstimates {
            weights: Arc::new(ImportanceWeights::default().with_samples(&logs, &logs)),
            naive: Arc::new(NaiveEstimate::default().with_samples(&[-120.0, -120.0])),
            ..EvidenceEstimates::default()
        };
        assert_eq!(
            estimates_sentence(&estimates),
            "Evidence computed: the ELBO is −100.0 nats, the bound with 2 samples is −99.6 nats, the naive estimate from 2 \
             samples is −120.0 nats."
        );
    }
}
