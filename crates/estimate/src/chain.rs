//! The mean along a Markov chain, and a convergence diagnostic.

use crate::autocorrelation_time;

/// The mean of a function along a chain, with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChainMean {
    /// The mean along the chain.
    pub mean: f64,
    /// The sample variance of the values, with n − 1 in the denominator.
    pub variance: f64,
    /// The integrated autocorrelation time τ, in transitions; see [`autocorrelation_time`].
    pub autocorrelation_time: f64,
    /// n/τ: the number of independent values with the same variance of the mean.
    pub effective_sample_size: f64,
    /// The standard error of the mean, √(variance·τ/n).
    pub standard_error: f64,
}

impl ChainMean {
    /// From the function's value after each transition. For a constant series, or fewer than two values, everything but
    /// mean and variance is NaN.
    pub fn of(series: &[f64]) -> Self {
        let n = series.len() as f64;
        let mean = series.iter().sum::<f64>() / n;
        let squares: f64 = series.iter().map(|value| (value - mean).powi(2)).sum();
        let variance = squares / (n - 1.0);
        let autocorrelation_time = autocorrelation_time(series);
        let effective_sample_size = n / autocorrelation_time;
        Self {
            mean,
            variance,
            autocorrelation_time,
            effective_sample_size,
            standard_error: (variance / effective_sample_size).sqrt(),
        }
    }
}

/// The fraction of a chain in the early segment of [`geweke`].
const EARLY_FRACTION: f64 = 0.1;
/// The fraction in the late segment.
const LATE_FRACTION: f64 = 0.5;

/// Geweke's z score (Geweke 1992, section 3.2): the difference between the means of the first tenth and of the last half
/// of a chain, divided by its standard error, which accounts for autocorrelation. For a chain that is stationary from its
/// start it is approximately standard normal; for one that has not converged at its start it is large.
///
/// NaN if either segment is constant or has fewer than two values.
pub fn geweke(series: &[f64]) -> f64 {
    let n = series.len() as f64;
    let early = &series[..(EARLY_FRACTION * n) as usize];
    let late = &series[series.len() - (LATE_FRACTION * n) as usize..];
    let [early, late] = [early, late].map(ChainMean::of);
    let error = early.standard_error.hypot(late.standard_error);
    (early.mean - late.mean) / error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autocorrelation::tests::ar1;

    /// The estimated error against the standard deviation of many chains' means, whose variance is (1/(1 − φ)²)/n.
    #[test]
    fn chain_mean_standard_error_agrees_with_the_spread_of_many_chains() {
        let (phi, n, chains) = (0.8, 4000, 200);
        let all: Vec<ChainMean> = (0..chains)
            .map(|seed| ChainMean::of(&ar1(phi, n, 100 + seed)))
            .collect();
        let squares: f64 = all.iter().map(|chain| chain.mean.powi(2)).sum();
        let spread = (squares / chains as f64).sqrt();
        let estimated = all.iter().map(|chain| chain.standard_error).sum::<f64>() / chains as f64;
        let expected = 1.0 / (1.0 - phi) / (n as f64).sqrt();
        assert!(
            (spread / expected - 1.0).abs() < 0.15,
            "{spread} {expected}"
        );
        assert!(
            (estimated / expected - 1.0).abs() < 0.1,
            "{estimated} {expected}"
        );
        let size = all[0].effective_sample_size;
        assert!((size / (n as f64 / 9.0) - 1.0).abs() < 0.3, "{size}");
    }

    /// On stationary chains, the score has mean 0 and variance 1.
    #[test]
    fn geweke_of_stationary_chains_is_standard_normal() {
        let scores: Vec<f64> = (0..300)
            .map(|seed| geweke(&ar1(0.5, 4000, 1000 + seed)))
            .collect();
        let ChainMean { mean, variance, .. } = ChainMean::of(&scores);
        assert!(mean.abs() < 4.0 / 300.0_f64.sqrt(), "{mean}");
        assert!((0.7..1.5).contains(&variance), "{variance}");
    }

    #[test]
    fn geweke_of_a_chain_that_starts_far_away_is_large() {
        let mut series = ar1(0.5, 4000, 9);
        for (t, value) in series.iter_mut().enumerate() {
            *value += 20.0 * (-(t as f64) / 2000.0).exp();
        }
        assert!(geweke(&series) > 4.0, "{}", geweke(&series));
    }

    #[test]
    fn chain_mean_and_geweke_of_a_constant_series_are_nan() {
        let constant = ChainMean::of(&[2.0; 40]);
        assert_eq!((constant.mean, constant.variance), (2.0, 0.0));
        assert!(constant.standard_error.is_nan() && constant.effective_sample_size.is_nan());
        assert!(geweke(&[2.0; 40]).is_nan());
        assert!(geweke(&[]).is_nan());
        assert!(geweke(&[1.0, 2.0, 3.0]).is_nan());
    }
}
