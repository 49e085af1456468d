//! Importance-weighted bounds of log p(x), from the logarithms of the weights.

use crate::LogSum;

/// A bound of log p(x) with how far chance may have moved it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// In nats.
    pub value: f64,
    /// Its standard error, in nats; NaN where there is but one group of samples to tell it by.
    pub standard_error: f64,
}

/// The importance-weighted bound L_K = E[log 1/K Σ wᵢ] (Burda et al. 2015, Equation 8), the mean over as many
/// groups of `k` weights as there are, each given by its logarithm. K = 1 is the ELBO (notes, Equation 24);
/// the bound rises with K, towards log p(x). None for a `k` of 0, or of more weights than there are.
pub fn importance_bound(logs: &[f64], k: usize) -> Option<Bound> {
    if k == 0 || k > logs.len() {
        return None;
    }
    let groups: Vec<f64> = logs
        .chunks_exact(k)
        .map(|group| group.iter().copied().collect::<LogSum>().log_mean())
        .collect();
    let (value, standard_error) = mean_and_error(&groups);
    Some(Bound {
        value,
        standard_error,
    })
}

/// The mean of independent numbers and its standard error, which is NaN for a single one.
pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_weight_a_group_is_the_mean_of_the_logarithms() {
        let logs = [-3.0, -1.0, -2.0, -6.0];
        let bound = importance_bound(&logs, 1).expect("four groups");
        assert_eq!(bound.value, -3.0);
        assert!((bound.standard_error - (14.0_f64 / 12.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn all_in_one_group_is_the_logarithm_of_the_mean() {
        let bound = importance_bound(&[-1.0, -2.0], 2).expect("one group");
        let expected = ((-1.0_f64).exp() + (-2.0_f64).exp()).ln() - 2.0_f64.ln();
        assert!((bound.value - expected).abs() < 1e-12);
        assert!(bound.standard_error.is_nan());
        assert_eq!(importance_bound(&[-1.0], 2), None);
        assert_eq!(importance_bound(&[-1.0], 0), None);
    }
}
