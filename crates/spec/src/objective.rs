//! What training maximizes.

use crate::Likelihood;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// What training maximizes, the mean over the images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Objective {
    /// The ELBO, with β (notes, Equation 21).
    #[default]
    Elbo,
    /// The importance-weighted bound L_K (Burda et al. 2015, Equation 8), with the doubly reparameterized gradient of the
    /// encoder (Tucker et al. 2018, Equation 8).
    ImportanceWeighted {
        /// K, the samples of each image, from 2 to 64.
        samples: usize,
    },
    /// log p(x) itself, for one or two latent dimensions: p(x) is the mean of p(x|z) over a grid of the prior's quantiles
    /// that is moved at random in each step (notes, section 4.1, with quantiles in place of samples). By Jensen's
    /// inequality the mean over these moves is a lower bound, which is tight while p(x|z) varies little between
    /// neighbouring quantiles. The encoder follows by the ELBO of this decoder, which has no gradient from it.
    Exact {
        /// Quantiles of each latent dimension, from 8 to 64.
        side: usize,
    },
}

/// A model that can't be trained by an objective, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the objective {objective} {reason}")]
pub struct UnsuitedObjective {
    objective: Objective,
    reason: &'static str,
}

impl Objective {
    /// Checks that a model can be trained by this objective, given its latent size, the number of its classes (0 for a
    /// model without a label) and its likelihood.
    ///
    /// # Errors
    /// If it has too many latent dimensions for quadrature, or a condition or a likelihood for which it is not implemented.
    pub fn check(
        self,
        latent_size: usize,
        classes: usize,
        likelihood: &Likelihood,
    ) -> Result<(), UnsuitedObjective> {
        let Self::Exact { .. } = self else {
            return Ok(());
        };
        let reason = if !(1..=2).contains(&latent_size) {
            "needs a model with one or two latent dimensions"
        } else if classes > 0 {
            "needs a model without a label"
        } else if !likelihood.is_exponential_family() {
            "is not implemented for a discretized logistic likelihood"
        } else {
            return Ok(());
        };
        Err(UnsuitedObjective {
            objective: self,
            reason,
        })
    }

    /// The range of [`Objective::ImportanceWeighted`]'s number of samples.
    pub const SAMPLES: std::ops::RangeInclusive<usize> = 2..=64;
    /// The range of [`Objective::Exact`]'s number of quantiles.
    pub const SIDES: std::ops::RangeInclusive<usize> = 8..=64;

    /// Points of the latent space at which [`Objective::Exact`] decodes, for a model of this latent size.
    pub fn points(self, latent_size: usize) -> usize {
        match self {
            Self::Exact { side } => side.pow(u32::try_from(latent_size).unwrap_or(u32::MAX)),
            Self::Elbo | Self::ImportanceWeighted { .. } => 0,
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elbo => write!(f, "ELBO"),
            Self::ImportanceWeighted { samples } => {
                write!(f, "importance-weighted bound of {samples} samples")
            }
            Self::Exact { side } => write!(f, "log p(x) on {side} quantiles"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_names_what_quadrature_can_not_do() {
        let exact = Objective::Exact { side: 16 };
        let bernoulli = Likelihood::Bernoulli;
        assert_eq!(exact.check(2, 0, &bernoulli), Ok(()));
        assert_eq!(Objective::Elbo.check(9, 3, &bernoulli), Ok(()));
        let reason = |latent, classes, likelihood: &Likelihood| {
            let error = exact.check(latent, classes, likelihood);
            error.expect_err("unsuited").to_string()
        };
        assert!(reason(3, 0, &bernoulli).ends_with("one or two latent dimensions"));
        assert!(reason(2, 4, &bernoulli).ends_with("without a label"));
        let [.., logistic] = Likelihood::of_each_kind(0.1);
        assert_eq!(
            reason(1, 0, &logistic),
            "the objective log p(x) on 16 quantiles is not implemented for a discretized logistic likelihood"
        );
    }
}
