//! What is found out about log p(x) of one image, as it comes in. [`inquire`] asks, the rest is arithmetic
//! and knows nothing of the web.

use crate::features::evidence::importance_weights::Weights;
use crate::features::evidence::naive_estimate::Naive;

use protocol::evidence::Exact;
use std::sync::Arc;

/// Ink is what is darker than half.
pub(crate) fn black_and_white(pixels: &[u8]) -> Vec<u8> {
    pixels
        .iter()
        .map(|&grey| if grey > 127 { 255 } else { 0 })
        .collect()
}

/// Whether each pixel is ink or none: only of those is the Bernoulli a likelihood.
pub(crate) fn is_black_and_white(pixels: &[u8]) -> bool {
    pixels.iter().all(|&grey| grey == 0 || grey == 255)
}

/// What is known so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Findings {
    /// Weights of samples from q(z|x).
    pub(crate) weights: Arc<Weights>,
    /// The estimate by samples from the prior.
    pub(crate) naive: Arc<Naive>,
    /// By quadrature; none before it is there, or for more than two dimensions.
    pub(crate) exact: Option<Arc<Exact>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_where_ink_begins() {
        let pixels = black_and_white(&[0, 127, 128, 255]);
        assert_eq!(pixels, [0, 0, 255, 255]);
        assert!(is_black_and_white(&pixels));
        assert!(!is_black_and_white(&[0, 128]));
    }
}
