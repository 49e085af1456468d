//! Importance-weighted bounds of log p(x), from the logarithms of the weights.

use crate::LogSum;

/// An estimate of a bound of log p(x), with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The estimate, in nats.
    pub value: f64,
    /// Its standard error, in nats: from the spread of the groups, or for a single group by the delta method
    /// ([`LogSum::standard_error`]), which is unreliable if few weights dominate. NaN for a single weight.
    pub standard_error: f64,
}

/// The importance-weighted bound L_K = E[log 1/K Σ wᵢ] (Burda et al. 2015, Equation 8): the mean over all complete groups
/// of `k` weights, given by their logarithms. K = 1 is the ELBO (Meyer's notes, Equation 24). The bound increases with K
/// and converges to log p(x). None if `k` is 0 or larger than the number of weights.
pub fn importance_bound(logs: &[f64], k: usize) -> Option<Bound> {
    if k == 0 || k > logs.len() {
        return None;
    }
    let groups: Vec<LogSum> = logs
        .chunks_exact(k)
        .map(|group| group.iter().copied().collect())
        .collect();
    let means: Vec<f64> = groups.iter().map(LogSum::log_mean).collect();
    let (value, standard_error) = match groups.as_slice() {
        [group] if k > 1 => (group.log_mean(), group.standard_error()),
        _ => mean_and_error(&means),
    };
    Some(Bound {
        value,
        standard_error,
    })
}

/// The mean of independent values and its standard error, which is NaN for a single value.
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
    fn importance_bound_with_k_1_is_the_mean_of_the_logarithms() {
        let logs = [-3.0, -1.0, -2.0, -6.0];
        let bound = importance_bound(&logs, 1).expect("four groups");
        assert_eq!(bound.value, -3.0);
        assert!((bound.standard_error - (14.0_f64 / 12.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn importance_bound_of_one_group_is_the_logarithm_of_the_mean() {
        let bound = importance_bound(&[-1.0, -2.0], 2).expect("one group");
        let expected = ((-1.0_f64).exp() + (-2.0_f64).exp()).ln() - 2.0_f64.ln();
        assert!((bound.value - expected).abs() < 1e-12);
        // The relative standard error of the mean of w₁ = e w₂.
        let e = 1.0_f64.exp();
        let expected = ((e * e + 1.0) / (e + 1.0).powi(2) - 0.5).sqrt();
        assert!((bound.standard_error - expected).abs() < 1e-12);
        let one = importance_bound(&[-1.0], 1).expect("one weight");
        assert!(one.standard_error.is_nan());
        assert_eq!(importance_bound(&[-1.0], 2), None);
        assert_eq!(importance_bound(&[-1.0], 0), None);
    }
}
