//! The gradient of the reconstruction term in three ways, for ever more samples.

use crate::state::actions::Actions;
use protocol::evidence::{EvidenceQuery, EvidenceResult, Moments};

/// Numbers of samples; each larger set holds the smaller ones.
pub(crate) const SIZES: [usize; 4] = [16, 64, 256, 1000];
/// Decides the samples.
const SEED: u64 = 4;

/// The three estimates from one set of samples.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GradientEstimates {
    pub(crate) samples: usize,
    /// By z = μ + σ⊙ε.
    pub(crate) reparameterized: Moments,
    /// By the score function, and by the same with a baseline.
    pub(crate) score: [Moments; 2],
}

impl GradientEstimates {
    /// The parameter whose gradient is the largest: μ of a dimension, or after those log σ².
    pub(crate) fn largest(&self) -> Option<usize> {
        let means = self.reparameterized.mean.iter().enumerate();
        means
            .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
            .map(|(index, _)| index)
    }

    /// The three, the trick first.
    pub(crate) fn all(&self) -> [&Moments; 3] {
        let [score, with_baseline] = &self.score;
        [&self.reparameterized, score, with_baseline]
    }
}

/// The mean of a parameter with its standard error.
pub(crate) fn mean_and_error(estimated: &Moments, parameter: usize, samples: usize) -> (f64, f64) {
    let value = |of: &[f64]| of.get(parameter).copied().unwrap_or(f64::NAN);
    let error = (value(&estimated.variance) / samples as f64).sqrt();
    (value(&estimated.mean), error)
}

/// The variance of one sample's gradient, over all parameters.
pub(crate) fn variance(estimated: &Moments) -> f64 {
    estimated.variance.iter().sum()
}

/// Asks for all sizes, one after another. `done` is given each, and asked whether it is still wanted.
pub(crate) fn compare_gradients(
    actions: Actions,
    image: Vec<u8>,
    at: usize,
    done: impl Fn(Result<GradientEstimates, String>) -> bool + 'static,
) {
    let Some(&count) = SIZES.get(at) else { return };
    let evidence = EvidenceQuery::GradientEstimates {
        count,
        seed: SEED,
        stream: 0,
    };
    actions.examine(image.clone(), evidence, move |found| {
        let result = match found {
            Some(Ok(EvidenceResult::GradientEstimates {
                reparameterized,
                score_function: score,
                with_baseline,
            })) => Ok(GradientEstimates {
                samples: count,
                reparameterized,
                score: [score, with_baseline],
            }),
            Some(Err(why)) => Err(why),
            _ => return,
        };
        if done(result) {
            compare_gradients(actions, image, at + 1, done);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_gradient_is_shown_with_its_error() {
        let estimated = |mean: [f64; 2], variance: [f64; 2]| Moments {
            mean: mean.to_vec(),
            variance: variance.to_vec(),
        };
        let compared = GradientEstimates {
            samples: 100,
            reparameterized: estimated([1.0, -3.0], [4.0, 25.0]),
            score: [
                estimated([1.1, -2.0], [400.0, 900.0]),
                estimated([0.9, -3.1], [40.0, 90.0]),
            ],
        };
        assert_eq!(compared.largest(), Some(1));
        let [trick, score, _] = compared.all();
        assert_eq!(mean_and_error(trick, 1, 100), (-3.0, 0.5));
        assert_eq!(variance(score) / variance(trick), 1300.0 / 29.0);
    }
}
