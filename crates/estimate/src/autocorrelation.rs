//! The autocorrelation of a Markov chain.

/// A series minus its mean, and its autocovariance at lag 0.
pub(crate) struct CentredSeries {
    values: Vec<f64>,
    pub(crate) mean: f64,
    /// The mean of the squares, with n in the denominator.
    pub(crate) variance: f64,
}

impl CentredSeries {
    pub(crate) fn new(series: &[f64]) -> Self {
        let n = series.len() as f64;
        let mean = series.iter().sum::<f64>() / n;
        let values: Vec<f64> = series.iter().map(|value| value - mean).collect();
        let variance = values.iter().map(|value| value * value).sum::<f64>() / n;
        Self {
            values,
            mean,
            variance,
        }
    }

    /// The autocovariance at a lag, normalized by 1/n at each lag: biased, but with a smaller variance than by
    /// 1/(n − lag), and positive definite (Priestley 1981, section 5.3.3).
    pub(crate) fn autocovariance(&self, lag: usize) -> f64 {
        let lagged = self.values.get(lag..).unwrap_or_default();
        let products: f64 = self.values.iter().zip(lagged).map(|(a, b)| a * b).sum();
        products / self.values.len() as f64
    }

    /// ρ at a lag.
    fn autocorrelation(&self, lag: usize) -> f64 {
        self.autocovariance(lag) / self.variance
    }
}

/// The autocorrelation function of a series at the lags 0 to `max_lag`, with ρ₀ = 1; shorter if the series is. NaN at
/// every lag for a constant series.
pub fn autocorrelation(series: &[f64], max_lag: usize) -> Vec<f64> {
    let centred = CentredSeries::new(series);
    (0..series.len().min(max_lag.saturating_add(1)))
        .map(|lag| centred.autocorrelation(lag))
        .collect()
}

/// The integrated autocorrelation time τ = 1 + 2 Σ ρ_t, in transitions: the mean of n values of the chain has the
/// variance of the mean of n/τ independent values.
///
/// The sum is truncated where noise dominates, by Geyer's initial monotone sequence estimator for reversible chains
/// (Geyer 1992, section 3.3): there the sums of adjacent pairs ρ₂ₘ + ρ₂ₘ₊₁ are positive and decreasing, so the estimator
/// stops at the first pair that is not positive, and limits each pair to the smallest before it. An antithetic chain has
/// τ < 1; the result is at least 1/log₁₀ n, because smaller estimates are mostly noise (the limit of Stan; Vehtari et al.
/// 2021). NaN for a constant series, or one of fewer than two values.
pub fn autocorrelation_time(series: &[f64]) -> f64 {
    let n = series.len();
    let centred = CentredSeries::new(series);
    if n < 2 || centred.variance == 0.0 {
        return f64::NAN;
    }
    time_of(|lag| centred.autocorrelation(lag), n, n as f64)
}

/// τ from the autocorrelations ρ at the lags below `lags`. `values` is the number of values that they come from, for the
/// lower limit.
pub(crate) fn time_of(autocorrelation: impl Fn(usize) -> f64, lags: usize, values: f64) -> f64 {
    let mut sum = 0.0;
    let mut smallest_pair = f64::INFINITY;
    for lag in (0..lags).step_by(2) {
        let pair = autocorrelation(lag) + autocorrelation(lag + 1);
        // NaN ends the sum, too.
        if pair.is_nan() || pair <= 0.0 {
            break;
        }
        smallest_pair = pair.min(smallest_pair);
        sum += smallest_pair;
    }
    // Each pair counts twice, but ρ₀ once.
    let floor = 1.0 / values.log10().max(1.0);
    (2.0 * sum - 1.0).max(floor)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rand::{SeedableRng as _, rngs::StdRng};
    use rand_distr::{Distribution as _, StandardNormal};

    /// The autoregressive process x_t = φ x_{t−1} + ε_t, started from its stationary distribution, whose variance is
    /// 1/(1 − φ²).
    pub(crate) fn ar1(phi: f64, n: usize, seed: u64) -> Vec<f64> {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut noise = || -> f64 { StandardNormal.sample(&mut rng) };
        let mut x = noise() / (1.0 - phi * phi).sqrt();
        (0..n)
            .map(|_| {
                x = phi * x + noise();
                x
            })
            .collect()
    }

    /// ρ_t = φ^t.
    #[test]
    fn autocorrelation_of_an_ar1_process_decays_geometrically() {
        let series = ar1(0.7, 100_000, 1);
        let found = autocorrelation(&series, 10);
        assert_eq!((found.len(), found[0]), (11, 1.0));
        for (lag, rho) in found.iter().enumerate() {
            let expected = 0.7_f64.powi(lag as i32);
            assert!((rho - expected).abs() < 0.02, "lag {lag}: {rho}");
        }
    }

    /// τ = (1 + φ)/(1 − φ).
    #[test]
    fn autocorrelation_time_of_an_ar1_process_agrees_with_its_closed_form() {
        for (phi, seed) in [(0.0, 2), (0.5, 3), (0.9, 4), (-0.5, 5)] {
            let found = autocorrelation_time(&ar1(phi, 200_000, seed));
            let expected = (1.0 + phi) / (1.0 - phi);
            assert!(
                (found / expected - 1.0).abs() < 0.1,
                "φ = {phi}: {found}, not {expected}"
            );
        }
    }

    #[test]
    fn autocorrelation_of_short_or_constant_series_is_nan() {
        assert!(autocorrelation_time(&[]).is_nan());
        assert!(autocorrelation_time(&[3.0]).is_nan());
        assert!(autocorrelation_time(&[3.0; 50]).is_nan());
        assert!(autocorrelation(&[3.0; 5], 2).iter().all(|rho| rho.is_nan()));
        assert_eq!(autocorrelation(&[1.0, 2.0], usize::MAX).len(), 2);
        assert!(autocorrelation(&[], 3).is_empty());
        // An alternating series reaches the lower limit.
        let alternating: Vec<f64> = (0..1000).map(|i| f64::from(i % 2)).collect();
        assert!((autocorrelation_time(&alternating) - 1.0 / 3.0).abs() < 1e-12);
    }
}
