//! Sums of numbers that are given by their logarithms.

/// Σ wᵢ and Σ wᵢ² of weights given by their logarithms, in one pass and without overflow or underflow: a streaming
/// log-sum-exp, scaled by the largest weight so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogSum {
    count: usize,
    /// The largest logarithm so far.
    largest: f64,
    /// Σ exp(log wᵢ − largest).
    sum: f64,
    /// Σ exp(2 (log wᵢ − largest)).
    squares: f64,
}

impl Default for LogSum {
    fn default() -> Self {
        Self {
            count: 0,
            largest: f64::NEG_INFINITY,
            sum: 0.0,
            squares: 0.0,
        }
    }
}

impl LogSum {
    /// Adds a weight, given by its logarithm. −∞ adds 0 and counts as a weight.
    pub fn add(&mut self, log: f64) {
        self.count += 1;
        if log > self.largest {
            let scale = (self.largest - log).exp();
            self.sum *= scale;
            self.squares *= scale * scale;
            self.largest = log;
        }
        if log > f64::NEG_INFINITY {
            let term = (log - self.largest).exp();
            self.sum += term;
            self.squares += term * term;
        }
    }

    /// Number of weights.
    pub fn count(&self) -> usize {
        self.count
    }

    /// log Σ wᵢ; −∞ without weights.
    pub fn log_sum(&self) -> f64 {
        self.largest + self.sum.ln()
    }

    /// log (1/n Σ wᵢ). With wᵢ = p(x|zᵢ) and zᵢ from the prior it is the naive Monte Carlo estimate of log p(x) (Meyer's
    /// notes, section 4.1).
    pub fn log_mean(&self) -> f64 {
        self.log_sum() - (self.count as f64).ln()
    }

    /// The effective sample size (Σ wᵢ)² / Σ wᵢ² (Kong 1992): the number of equally weighted samples with the same
    /// variance. From 1 to n; 0 without weights.
    pub fn effective_sample_size(&self) -> f64 {
        if self.sum == 0.0 {
            0.0
        } else {
            self.sum * self.sum / self.squares
        }
    }

    /// The standard error of [`log_mean`](Self::log_mean) by the delta method: the relative standard error of the mean,
    /// √(Σ wᵢ² / (Σ wᵢ)² − 1/n). Unreliable when the effective sample size is small.
    pub fn standard_error(&self) -> f64 {
        (1.0 / self.effective_sample_size() - 1.0 / self.count as f64)
            .max(0.0)
            .sqrt()
    }
}

impl Extend<f64> for LogSum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, logs: I) {
        for log in logs {
            self.add(log);
        }
    }
}

impl FromIterator<f64> for LogSum {
    fn from_iter<I: IntoIterator<Item = f64>>(logs: I) -> Self {
        let mut sum = Self::default();
        sum.extend(logs);
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_sum_of_tiny_weights_does_not_underflow() {
        let logs = [-1000.0, -1001.0, -999.5, f64::NEG_INFINITY];
        let found: LogSum = logs.into_iter().collect();
        let shifted: f64 = logs.iter().map(|log| (log + 1000.0_f64).exp()).sum();
        assert!((found.log_sum() - (shifted.ln() - 1000.0)).abs() < 1e-12);
        assert!((found.log_mean() - found.log_sum() + 4.0_f64.ln()).abs() < 1e-12);
        assert_eq!(found.count(), 4);
    }

    #[test]
    fn effective_sample_size_counts_equal_weights() {
        let equal: LogSum = [-500.0; 8].into_iter().collect();
        assert!((equal.effective_sample_size() - 8.0).abs() < 1e-12);
        assert_eq!(equal.standard_error(), 0.0);
        let dominated: LogSum = [0.0, -900.0, -900.0].into_iter().collect();
        assert!((dominated.effective_sample_size() - 1.0).abs() < 1e-12);
        assert_eq!(LogSum::default().effective_sample_size(), 0.0);
        assert_eq!(LogSum::default().log_sum(), f64::NEG_INFINITY);
    }

    /// The delta method against the standard deviation of many estimates.
    #[test]
    fn standard_error_agrees_with_the_spread_of_many_estimates() {
        use rand::{SeedableRng as _, rngs::StdRng};
        use rand_distr::{Distribution as _, StandardNormal};
        let mut rng = StdRng::seed_from_u64(3);
        let (runs, n) = (400, 500);
        let estimates: Vec<LogSum> = (0..runs)
            .map(|_| {
                (0..n)
                    .map(|_| {
                        let log: f64 = StandardNormal.sample(&mut rng);
                        0.5 * log
                    })
                    .collect()
            })
            .collect();
        let mean =
            |of: &dyn Fn(&LogSum) -> f64| estimates.iter().map(of).sum::<f64>() / runs as f64;
        let centre = mean(&LogSum::log_mean);
        let spread = mean(&|sum| (sum.log_mean() - centre).powi(2)).sqrt();
        let estimated = mean(&LogSum::standard_error);
        let ratio = estimated / spread;
        assert!((ratio - 1.0).abs() < 0.12, "{estimated} and {spread}");
    }
}
