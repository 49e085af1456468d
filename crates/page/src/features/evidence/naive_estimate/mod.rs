//! The naive Monte Carlo estimate p(x) ≈ 1/n Σ p(x|zᵢ) with zᵢ ∼ p(z) (notes, section 4.1).
pub(crate) mod card;
pub(crate) mod chart;
pub(crate) mod chart_lines;

use estimate::LogSum;

/// Largest number of samples.
pub(crate) const MAX_SAMPLES: usize = 1_000_000;
/// Ratio of n between successive points of the history.
const RATIO: f64 = 1.12;

/// The estimate after n samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) n: usize,
    /// log (1/n Σ p(x|zᵢ)), in nats.
    pub(crate) value: f64,
    /// The relative standard error of 1/n Σ p(x|zᵢ).
    pub(crate) error: f64,
    /// Effective sample size.
    pub(crate) effective: f64,
}

impl Estimate {
    /// The interval of ± two standard errors, in nats. The lower end is −∞ if the error of p(x) is 50 % or more.
    pub(crate) fn band(&self) -> [f64; 2] {
        let below = 1.0 - 2.0 * self.error;
        let low = if below > 0.0 {
            below.ln()
        } else {
            f64::NEG_INFINITY
        };
        [self.value + low, self.value + (2.0 * self.error).ln_1p()]
    }
}

/// The running sum, and the history of the estimate.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct NaiveEstimate {
    sum: LogSum,
    history: Vec<Estimate>,
}

impl NaiveEstimate {
    /// Adds samples, given by their log p(x|z).
    pub(crate) fn with_samples(&self, logs: &[f64]) -> Self {
        let mut next = self.clone();
        for &log in logs {
            next.sum.add(log);
            let n = next.sum.count();
            let last = next
                .history
                .last()
                .map_or(0.0, |estimate| estimate.n as f64);
            if n as f64 >= last * RATIO {
                next.history.push(next.estimate());
            }
        }
        next
    }

    /// Number of samples.
    pub(crate) fn count(&self) -> usize {
        self.sum.count()
    }

    /// The current estimate; `None` without samples.
    pub(crate) fn current(&self) -> Option<Estimate> {
        (self.count() > 0).then(|| self.estimate())
    }

    /// Past estimates at n that are evenly spaced in log n, and the current one.
    pub(crate) fn history(&self) -> impl Iterator<Item = Estimate> + '_ {
        let now = self.current();
        let last = self.history.last().map(|estimate| estimate.n);
        let newest = now.filter(|now| Some(now.n) != last);
        self.history.iter().copied().chain(newest)
    }

    fn estimate(&self) -> Estimate {
        Estimate {
            n: self.sum.count(),
            value: self.sum.log_mean(),
            error: self.sum.standard_error(),
            effective: self.sum.effective_sample_size(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_even_in_log_n_and_ends_with_the_current_estimate() {
        let mut naive = NaiveEstimate::default();
        assert_eq!(naive.current(), None);
        for _ in 0..10 {
            naive = naive.with_samples(&[-5.0; 1_000]);
        }
        let history: Vec<_> = naive.history().collect();
        assert_eq!((history[0].n, naive.count()), (1, 10_000));
        assert_eq!(history.last().map(|estimate| estimate.n), Some(10_000));
        assert!(history.len() < 120, "{}", history.len());
        assert!(history.windows(2).all(|pair| pair[0].n < pair[1].n));
        let now = naive.current().expect("many");
        assert!((now.value + 5.0).abs() < 1e-9 && now.error < 1e-6);
        assert!((now.effective - 10_000.0).abs() < 1e-3);
    }

    #[test]
    fn band_is_unbounded_below_for_a_single_dominant_sample() {
        let naive = NaiveEstimate::default().with_samples(&[-500.0, -500.0, -90.0]);
        let [low, high] = naive.current().expect("three").band();
        assert_eq!(low, f64::NEG_INFINITY);
        assert!(high > -91.2 && high.is_finite(), "{high}");
    }
}
