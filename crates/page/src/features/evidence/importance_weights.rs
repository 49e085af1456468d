//! Importance weights of samples from q(z|x): the ELBO's reconstruction term, and importance-weighted bounds.

use estimate::{Bound, LogSum, importance_bound, mean_and_error};

/// Values of K for which bounds are shown.
const BOUND_SIZES: [usize; 12] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/// Logarithms of importance weights and likelihoods, in nats.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct ImportanceWeights {
    /// log w, w = p(x, z) / q(z|x).
    logs: Vec<f64>,
    /// log p(x|z).
    log_likelihood: Vec<f64>,
    /// The bounds L_K, computed once: many parts of the panel show them.
    bounds: Vec<(usize, Bound)>,
}

impl ImportanceWeights {
    /// Adds samples.
    pub(crate) fn with_samples(&self, logs: &[f64], log_likelihood: &[f64]) -> Self {
        let logs = [&self.logs, logs].concat();
        let bounds = BOUND_SIZES
            .into_iter()
            .filter_map(|k| Some((k, importance_bound(&logs, k)?)))
            .collect();
        Self {
            logs,
            log_likelihood: [&self.log_likelihood, log_likelihood].concat(),
            bounds,
        }
    }

    /// Number of samples.
    pub(crate) fn count(&self) -> usize {
        self.logs.len()
    }

    /// E[log p(x|z)] in nats with its standard error (notes, Equation 24); `None` without samples.
    pub(crate) fn reconstruction(&self) -> Option<(f64, f64)> {
        (!self.log_likelihood.is_empty()).then(|| mean_and_error(&self.log_likelihood))
    }

    /// The bounds L_K with their K, for each K up to the number of samples.
    pub(crate) fn bounds(&self) -> &[(usize, Bound)] {
        &self.bounds
    }

    /// The sum of all weights.
    pub(crate) fn sum(&self) -> LogSum {
        self.logs.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_increase_with_k_up_to_the_number_of_samples() {
        let logs: Vec<f64> = (0..50).map(|i| f64::from(i % 7) - 100.0).collect();
        let weights = ImportanceWeights::default().with_samples(&logs[..20], &logs[..20]);
        assert_eq!(weights.bounds().len(), 5);
        let weights = weights.with_samples(&logs[20..], &logs[20..]);
        assert_eq!(weights.count(), 50);
        let bounds = weights.bounds();
        assert_eq!(bounds.last().map(|(k, _)| *k), Some(50));
        assert!(bounds[0].1.value < bounds[5].1.value);
        let (mean, _) = weights.reconstruction().expect("fifty");
        assert!((mean - bounds[0].1.value).abs() < 1e-12);
        assert_eq!(ImportanceWeights::default().reconstruction(), None);
    }
}
