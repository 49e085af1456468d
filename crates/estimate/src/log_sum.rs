//! Sums of numbers that only their logarithms can hold.

/// Σ wᵢ and Σ wᵢ², each wᵢ given by its logarithm, in one pass and without overflow: what has been summed
/// is scaled to the largest so far.
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
    /// Adds a number, given by its logarithm. −∞ adds nothing, but counts.
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

    /// How many numbers were added.
    pub fn count(&self) -> usize {
        self.count
    }

    /// log Σ wᵢ; −∞ for none.
    pub fn log_sum(&self) -> f64 {
        self.largest + self.sum.ln()
    }

    /// log (1/n Σ wᵢ): the logarithm of the naive estimate when wᵢ = p(x|zᵢ) (notes, section 4.1).
    pub fn log_mean(&self) -> f64 {
        self.log_sum() - (self.count as f64).ln()
    }

    /// (Σ wᵢ)² / Σ wᵢ²: as many samples of equal weight would say as much (Kong 1992). From 1 to n; 0 for
    /// none.
    pub fn effective_sample_size(&self) -> f64 {
        if self.sum == 0.0 {
            0.0
        } else {
            self.sum * self.sum / self.squares
        }
    }

    /// The standard error of [`log_mean`](Self::log_mean), by the delta method: the relative standard error
    /// of the mean, √(Σ wᵢ² / (Σ wᵢ)² − 1/n). Says little where the effective sample size is small.
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
    fn sums_what_no_number_can_hold() {
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
        let lonely: LogSum = [0.0, -900.0, -900.0].into_iter().collect();
        assert!((lonely.effective_sample_size() - 1.0).abs() < 1e-12);
        assert_eq!(LogSum::default().effective_sample_size(), 0.0);
        assert_eq!(LogSum::default().log_sum(), f64::NEG_INFINITY);
    }

    /// The delta method against the spread of many estimates.
    #[test]
    fn the_standard_error_is_that_of_many_estimates() {
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
        let said = mean(&LogSum::standard_error);
        assert!((said / spread - 1.0).abs() < 0.12, "{said} and {spread}");
    }
}
