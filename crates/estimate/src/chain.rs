//! What a Markov chain says of a mean, and whether it has settled.

use crate::autocorrelation_time;

/// The mean of a function along a chain, with how far chance may have moved it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChainMean {
    /// The mean along the chain.
    pub mean: f64,
    /// The variance of one value, with n − 1.
    pub variance: f64,
    /// The integrated autocorrelation time τ, in transitions; see [`autocorrelation_time`].
    pub autocorrelation_time: f64,
    /// n/τ: as many independent values would say as much.
    pub effective_sample_size: f64,
    /// The standard error of the mean, √(variance·τ/n).
    pub standard_error: f64,
}

impl ChainMean {
    /// From the function's value after each transition. A chain that has not moved, or only once, tells
    /// nothing of its error: all but the mean and the variance are NaN.
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

/// The share of a chain that is its early part for [`geweke`].
const EARLY: f64 = 0.1;
/// The share that is its late part.
const LATE: f64 = 0.5;

/// Geweke's z score (Geweke 1992, section 3.2): how far the mean of the first tenth of a chain is from that of
/// the last half, in standard errors of the difference, for which autocorrelation is accounted. Of a chain
/// that has settled from its start on, it is a draw from about N(0, 1); of one that still came from
/// somewhere, it is large.
///
/// NaN where either part has not moved or has less than two values.
pub fn geweke(series: &[f64]) -> f64 {
    let n = series.len() as f64;
    let early = &series[..(EARLY * n) as usize];
    let late = &series[series.len() - (LATE * n) as usize..];
    let [early, late] = [early, late].map(ChainMean::of);
    let error = early.standard_error.hypot(late.standard_error);
    (early.mean - late.mean) / error
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autocorrelation::tests::ar1;

    /// The stated error against the spread of many chains' means, whose variance is (1/(1 − φ)²)/n.
    #[test]
    fn the_standard_error_is_that_of_many_chains() {
        let (phi, n, chains) = (0.8, 4000, 200);
        let all: Vec<ChainMean> = (0..chains)
            .map(|seed| ChainMean::of(&ar1(phi, n, 100 + seed)))
            .collect();
        let squares: f64 = all.iter().map(|chain| chain.mean.powi(2)).sum();
        let spread = (squares / chains as f64).sqrt();
        let said = all.iter().map(|chain| chain.standard_error).sum::<f64>() / chains as f64;
        let expected = 1.0 / (1.0 - phi) / (n as f64).sqrt();
        assert!(
            (spread / expected - 1.0).abs() < 0.15,
            "{spread} {expected}"
        );
        assert!((said / expected - 1.0).abs() < 0.1, "{said} {expected}");
        let size = all[0].effective_sample_size;
        assert!((size / (n as f64 / 9.0) - 1.0).abs() < 0.3, "{size}");
    }

    /// On settled chains, the score has mean 0 and variance 1.
    #[test]
    fn the_score_of_settled_chains_is_standard_normal() {
        let scores: Vec<f64> = (0..300)
            .map(|seed| geweke(&ar1(0.5, 4000, 1000 + seed)))
            .collect();
        let ChainMean { mean, variance, .. } = ChainMean::of(&scores);
        assert!(mean.abs() < 4.0 / 300.0_f64.sqrt(), "{mean}");
        assert!((0.7..1.5).contains(&variance), "{variance}");
    }

    #[test]
    fn a_chain_that_comes_from_afar_has_a_large_score() {
        let mut series = ar1(0.5, 4000, 9);
        for (t, value) in series.iter_mut().enumerate() {
            *value += 20.0 * (-(t as f64) / 2000.0).exp();
        }
        assert!(geweke(&series) > 4.0, "{}", geweke(&series));
    }

    #[test]
    fn a_chain_that_stands_still_tells_nothing() {
        let still = ChainMean::of(&[2.0; 40]);
        assert_eq!((still.mean, still.variance), (2.0, 0.0));
        assert!(still.standard_error.is_nan() && still.effective_sample_size.is_nan());
        assert!(geweke(&[2.0; 40]).is_nan());
        assert!(geweke(&[]).is_nan());
        assert!(geweke(&[1.0, 2.0, 3.0]).is_nan());
    }
}
