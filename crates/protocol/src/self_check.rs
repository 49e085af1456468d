//! Results of a fixed computation, for comparing backends.

use serde::{Deserialize, Serialize};

/// Results of a small fixed forward and backward pass; equal on every backend up to rounding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelfCheck {
    /// −ELBO of the fixed batch, in nats per image.
    pub neg_elbo: f32,
    /// Decoded means of the fixed batch.
    pub decoded: Vec<f32>,
    /// Gradients of −ELBO for the parameters, in the order of the layers.
    pub gradients: Vec<f32>,
}

impl SelfCheck {
    /// Compares with a reference: the largest difference over all numbers, each relative to
    /// `1 + |reference|`. Infinite when the lengths differ, NaN when any number is NaN.
    pub fn max_difference(&self, reference: &Self) -> f32 {
        if self.decoded.len() != reference.decoded.len()
            || self.gradients.len() != reference.gradients.len()
        {
            return f32::INFINITY;
        }
        let ours = std::iter::once(&self.neg_elbo)
            .chain(&self.decoded)
            .chain(&self.gradients);
        let theirs = std::iter::once(&reference.neg_elbo)
            .chain(&reference.decoded)
            .chain(&reference.gradients);
        ours.zip(theirs)
            .map(|(a, b)| (a - b).abs() / (1.0 + b.abs()))
            // `f32::max` ignores NaN, which must not pass.
            .fold(0.0, |worst, d| {
                if d.is_nan() || worst.is_nan() {
                    f32::NAN
                } else {
                    worst.max(d)
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(gradients: Vec<f32>) -> SelfCheck {
        SelfCheck {
            neg_elbo: 10.0,
            decoded: vec![0.5],
            gradients,
        }
    }

    #[test]
    fn max_difference_is_relative_and_never_hides_nan() {
        let reference = check(vec![1.0, 2.0]);
        assert_eq!(reference.max_difference(&reference), 0.0);
        assert!((check(vec![1.0, 2.3]).max_difference(&reference) - 0.1).abs() < 1e-6);
        assert!(
            check(vec![f32::NAN, 2.0])
                .max_difference(&reference)
                .is_nan()
        );
        assert_eq!(check(vec![1.0]).max_difference(&reference), f32::INFINITY);
    }
}
