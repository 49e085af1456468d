//! How long a Markov chain remembers where it was.

/// A series with its mean taken off, and the autocovariance at lag 0.
struct Centred {
    values: Vec<f64>,
    variance: f64,
}

impl Centred {
    fn of(series: &[f64]) -> Self {
        let n = series.len() as f64;
        let mean = series.iter().sum::<f64>() / n;
        let values: Vec<f64> = series.iter().map(|value| value - mean).collect();
        let variance = values.iter().map(|value| value * value).sum::<f64>() / n;
        Self { values, variance }
    }

    /// ρ at a lag, with 1/n at each lag: the estimate of less variance, which makes a positive definite
    /// sequence (Priestley 1981, section 5.3.3).
    fn autocorrelation(&self, lag: usize) -> f64 {
        let n = self.values.len();
        let late = self.values.get(lag..).unwrap_or_default();
        let products: f64 = self.values.iter().zip(late).map(|(a, b)| a * b).sum();
        products / n as f64 / self.variance
    }
}

/// The autocorrelation function ρ₀ … ρ_most of a series, normalised so that ρ₀ = 1; shorter where the series
/// has no such lags. NaN at every lag for a series that never moves.
pub fn autocorrelation(series: &[f64], most: usize) -> Vec<f64> {
    let centred = Centred::of(series);
    (0..series.len().min(most.saturating_add(1)))
        .map(|lag| centred.autocorrelation(lag))
        .collect()
}

/// The integrated autocorrelation time τ = 1 + 2 Σ ρ_t, in transitions: the mean of n values of the chain is
/// off by as much as that of n/τ independent ones.
///
/// The sum ends where noise takes over, by Geyer's initial monotone sequence (Geyer 1992, section 3.3), which
/// is for reversible chains: sums of neighbours ρ₂ₘ + ρ₂ₘ₊₁ are positive and fall there, and so it goes on as
/// long as they are positive and takes none for larger than one before it. Below 1 for a chain whose steps go
/// back and forth, but never below 1/log₁₀ n: so far as that, chance can take it (Stan's limit; Vehtari et al.
/// 2021). NaN for a series that never moves, or of less than two values.
pub fn autocorrelation_time(series: &[f64]) -> f64 {
    let n = series.len();
    let centred = Centred::of(series);
    if n < 2 || centred.variance == 0.0 {
        return f64::NAN;
    }
    let mut sum = 0.0;
    let mut least = f64::INFINITY;
    for lag in (0..n).step_by(2) {
        let pair = centred.autocorrelation(lag) + centred.autocorrelation(lag + 1);
        // Also where there are numbers that are none.
        if pair.is_nan() || pair <= 0.0 {
            break;
        }
        least = pair.min(least);
        sum += least;
    }
    // Each pair twice, and ρ₀ once.
    let floor = 1.0 / (n as f64).log10().max(1.0);
    (2.0 * sum - 1.0).max(floor)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rand::{SeedableRng as _, rngs::StdRng};
    use rand_distr::{Distribution as _, StandardNormal};

    /// The autoregressive process x_t = φ x_{t−1} + ε_t, from its stationary distribution, of variance
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
    fn autocorrelations_of_an_autoregressive_process_are_powers() {
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
    fn the_time_of_an_autoregressive_process_has_a_closed_form() {
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
    fn short_and_still_series_say_so() {
        assert!(autocorrelation_time(&[]).is_nan());
        assert!(autocorrelation_time(&[3.0]).is_nan());
        assert!(autocorrelation_time(&[3.0; 50]).is_nan());
        assert!(autocorrelation(&[3.0; 5], 2).iter().all(|rho| rho.is_nan()));
        assert_eq!(autocorrelation(&[1.0, 2.0], usize::MAX).len(), 2);
        assert!(autocorrelation(&[], 3).is_empty());
        // Back and forth: as far down as the limit.
        let swinging: Vec<f64> = (0..1000).map(|i| f64::from(i % 2)).collect();
        assert!((autocorrelation_time(&swinging) - 1.0 / 3.0).abs() < 1e-12);
    }
}
