//! Estimates of log p(x) for one image, and its binarization. No web types.

use crate::features::evidence::gap_split::GapSplit;
use crate::features::evidence::importance_weights::ImportanceWeights;
use crate::features::evidence::naive_estimate::NaiveEstimate;
use protocol::evidence::Quadrature;
use std::sync::Arc;

/// Thresholds grey values at half intensity: above 127 becomes 255, the rest 0.
pub(crate) fn binarize(pixels: &[u8]) -> Vec<u8> {
    pixels
        .iter()
        .map(|&grey| if grey > 127 { 255 } else { 0 })
        .collect()
}

/// Whether every pixel is 0 or 255; only for such images is the Bernoulli likelihood a probability.
pub(crate) fn is_binary(pixels: &[u8]) -> bool {
    pixels.iter().all(|&grey| grey == 0 || grey == 255)
}

/// The estimates so far; they are extended as results arrive.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct EvidenceEstimates {
    /// Importance weights of samples from q(z|x).
    pub(crate) weights: Arc<ImportanceWeights>,
    /// The naive estimate from samples of the prior.
    pub(crate) naive: Arc<NaiveEstimate>,
    /// The result of quadrature; `None` until it is available, and for more than two dimensions.
    pub(crate) exact: Option<Arc<Quadrature>>,
    /// What the gap is due to; `None` until it is available, and for more than two dimensions.
    pub(crate) gap_split: Option<GapSplit>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binarize_thresholds_at_half() {
        let pixels = binarize(&[0, 127, 128, 255]);
        assert_eq!(pixels, [0, 0, 255, 255]);
        assert!(is_binary(&pixels));
        assert!(!is_binary(&[0, 128]));
    }
}
