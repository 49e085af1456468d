//! Three estimators of the gradient of the reconstruction term, for increasing numbers of samples.

use crate::state::actions::Actions;
use client::JobError;
use protocol::evidence::{EvidenceQuery, EvidenceResult, Moments};

/// Numbers of samples; each set contains the smaller ones.
pub(crate) const SAMPLE_SIZES: [usize; 4] = [16, 64, 256, 1000];
/// Seed of the samples.
const SEED: u64 = 4;

/// The estimates from one set of samples.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GradientEstimates {
    /// Number of samples.
    pub(crate) samples: usize,
    /// Reparameterized, z = μ + σ⊙ε.
    pub(crate) reparameterized: Moments,
    /// Score function, without and with a baseline.
    pub(crate) score: [Moments; 2],
}

impl GradientEstimates {
    /// Index of the parameter with the largest gradient: μ of each dimension, then log σ² of each dimension.
    pub(crate) fn largest(&self) -> Option<usize> {
        let means = self.reparameterized.mean.iter().enumerate();
        means
            .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
            .map(|(index, _)| index)
    }

    /// All estimates, the reparameterized one first.
    pub(crate) fn all(&self) -> [&Moments; 3] {
        let [score, with_baseline] = &self.score;
        [&self.reparameterized, score, with_baseline]
    }
}

/// Mean and standard error of one parameter's gradient.
pub(crate) fn mean_and_error(estimated: &Moments, parameter: usize, samples: usize) -> (f64, f64) {
    let value = |of: &[f64]| of.get(parameter).copied().unwrap_or(f64::NAN);
    let error = (value(&estimated.variance) / samples as f64).sqrt();
    (value(&estimated.mean), error)
}

/// Variance of a one-sample gradient, summed over all parameters.
pub(crate) fn variance(estimated: &Moments) -> f64 {
    estimated.variance.iter().sum()
}

/// Queries the estimates for all sample sizes, one after another. `on_result` receives each result and returns
/// whether to continue. Ends early if the model changes.
pub(crate) async fn compare_gradients(
    actions: Actions,
    image: Vec<u8>,
    on_result: impl Fn(Result<GradientEstimates, String>) -> bool,
) {
    for samples in SAMPLE_SIZES {
        let query = EvidenceQuery::GradientEstimates {
            count: samples,
            seed: SEED,
            stream: 0,
        };
        let result = match actions.query(image.clone(), query).await {
            Ok(EvidenceResult::GradientEstimates {
                reparameterized,
                score_function,
                with_baseline,
            }) => Ok(GradientEstimates {
                samples,
                reparameterized,
                score: [score_function, with_baseline],
            }),
            Err(JobError::Failed(error)) => Err(error),
            _ => return,
        };
        if !on_result(result) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradient_estimates_select_the_largest_parameter() {
        let estimated = |mean: [f64; 2], variance: [f64; 2]| Moments {
            mean: mean.to_vec(),
            variance: variance.to_vec(),
        };
        let estimates = GradientEstimates {
            samples: 100,
            reparameterized: estimated([1.0, -3.0], [4.0, 25.0]),
            score: [
                estimated([1.1, -2.0], [400.0, 900.0]),
                estimated([0.9, -3.1], [40.0, 90.0]),
            ],
        };
        assert_eq!(estimates.largest(), Some(1));
        let [reparameterized, score, _] = estimates.all();
        assert_eq!(mean_and_error(reparameterized, 1, 100), (-3.0, 0.5));
        assert_eq!(variance(score) / variance(reparameterized), 1300.0 / 29.0);
    }
}
