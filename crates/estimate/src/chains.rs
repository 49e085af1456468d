//! The mean along several Markov chains with the same target.

use crate::autocorrelation::CentredSeries;
use crate::{R_HAT_LIMIT, rank_normalized_split_r_hat};

/// The mean of a function along several chains, with a standard error that includes the differences between them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChainsMean {
    /// The mean over all chains.
    pub mean: f64,
    /// The standard error of the mean, √(v̂/S_eff) with v̂ from within and between the chains.
    pub standard_error: f64,
    /// S_eff, the effective sample size of all chains together (Vehtari et al. 2021, Equations 10 to 13, without
    /// normalization of ranks): chains that disagree have a small one, however well each mixes.
    pub effective_sample_size: f64,
    /// [`rank_normalized_split_r_hat`].
    pub r_hat: f64,
}

impl ChainsMean {
    /// From the function's values along each chain; chains are cut to the length of the shortest. Fields that the values
    /// do not determine are NaN.
    pub fn of(chains: &[Vec<f64>]) -> Self {
        let length = chains.iter().map(Vec::len).min().unwrap_or(0);
        // Autocorrelations are those of halves, so that a trend counts as a difference, too.
        let half = length / 2;
        let halves: Vec<CentredSeries> = chains
            .iter()
            .flat_map(|chain| [&chain[..half], &chain[length - half..length]])
            .map(CentredSeries::new)
            .collect();
        let count = halves.len() as f64;
        let n = half as f64;
        let mean = halves.iter().map(|half| half.mean).sum::<f64>() / count;
        let within = halves.iter().map(|half| half.variance).sum::<f64>() / count * n / (n - 1.0);
        let squares: f64 = halves.iter().map(|half| (half.mean - mean).powi(2)).sum();
        let pooled = (n - 1.0) / n * within + squares / (count - 1.0);
        // ρ_t = 1 − (W − mean of s²ρ_t of each)/v̂.
        let autocorrelation = |lag: usize| {
            let covariances = halves
                .iter()
                .map(|half| half.autocovariance(lag) * n / (n - 1.0));
            1.0 - (within - covariances.sum::<f64>() / count) / pooled
        };
        let time = crate::autocorrelation::time_of(autocorrelation, half, count * n);
        let effective_sample_size = if pooled > 0.0 {
            count * n / time
        } else {
            f64::NAN
        };
        Self {
            mean,
            standard_error: (pooled / effective_sample_size).sqrt(),
            effective_sample_size,
            r_hat: rank_normalized_split_r_hat(chains),
        }
    }

    /// Whether the chains agree: R̂ is at most [`R_HAT_LIMIT`]. False if it is NaN.
    pub fn agree(&self) -> bool {
        self.r_hat <= R_HAT_LIMIT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChainMean;
    use crate::autocorrelation::tests::ar1;

    /// τ = (1 + φ)/(1 − φ) = 3, and the variance of the mean of all chains.
    #[test]
    fn chains_mean_of_converged_chains_has_the_sum_of_their_effective_sizes() {
        let chains: Vec<Vec<f64>> = (0..4).map(|seed| ar1(0.5, 4_000, 70 + seed)).collect();
        let found = ChainsMean::of(&chains);
        assert!((found.effective_sample_size / (16_000.0 / 3.0) - 1.0).abs() < 0.15);
        assert!((found.standard_error / (2.0 / 16_000.0_f64.sqrt()) - 1.0).abs() < 0.1);
        assert!(found.mean.abs() < 4.0 * found.standard_error, "{found:?}");
        assert!(found.agree(), "{found:?}");
    }

    /// Each chain alone looks healthy; together they have not even a few independent values, and their error covers the
    /// distance between the modes.
    #[test]
    fn chains_mean_of_chains_in_two_modes_is_uncertain() {
        let mut chains: Vec<Vec<f64>> = (0..4).map(|seed| ar1(0.5, 4_000, 70 + seed)).collect();
        chains[3].iter_mut().for_each(|x| *x += 20.0);
        assert!(ChainMean::of(&chains[3]).effective_sample_size > 1_000.0);
        let found = ChainsMean::of(&chains);
        assert!(found.effective_sample_size < 10.0, "{found:?}");
        assert!(found.standard_error > 2.0, "{found:?}");
        assert!(!found.agree());
    }

    #[test]
    fn chains_mean_without_values_is_nan() {
        let none = ChainsMean::of(&[]);
        assert!(none.mean.is_nan() && none.r_hat.is_nan() && !none.agree());
        let constant = ChainsMean::of(&[vec![2.0; 40], vec![2.0; 40]]);
        assert_eq!(constant.mean, 2.0);
        assert!(constant.effective_sample_size.is_nan() && constant.standard_error.is_nan());
    }
}
