//! What is known about log p(x) of one image so far. [`run_queries`] sends the queries; the rest is arithmetic and
//! has no web types.
//!
//! [`run_queries`]: crate::features::evidence::query_sequence::run_queries

use crate::features::evidence::importance_weights::ImportanceWeights;
use crate::features::evidence::naive_estimate::NaiveEstimate;

use protocol::evidence::Quadrature;
use std::sync::Arc;

/// Ink is what is darker than half.
pub(crate) fn binarize(pixels: &[u8]) -> Vec<u8> {
    pixels
        .iter()
        .map(|&grey| if grey > 127 { 255 } else { 0 })
        .collect()
}

/// Whether each pixel is ink or none: only of those is the Bernoulli a likelihood.
pub(crate) fn is_binary(pixels: &[u8]) -> bool {
    pixels.iter().all(|&grey| grey == 0 || grey == 255)
}

/// What is known so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct EvidenceEstimates {
    /// ImportanceWeights of samples from q(z|x).
    pub(crate) weights: Arc<ImportanceWeights>,
    /// The estimate by samples from the prior.
    pub(crate) naive: Arc<NaiveEstimate>,
    /// By quadrature; none before it is there, or for more than two dimensions.
    pub(crate) exact: Option<Arc<Quadrature>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_where_ink_begins() {
        let pixels = binarize(&[0, 127, 128, 255]);
        assert_eq!(pixels, [0, 0, 255, 255]);
        assert!(is_binary(&pixels));
        assert!(!is_binary(&[0, 128]));
    }
}
