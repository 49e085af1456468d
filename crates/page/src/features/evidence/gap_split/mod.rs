//! What the gap between log p(x) and the ELBO is due to, for two latent dimensions (Cremer et al. 2018).
pub(crate) mod caption;
pub(crate) mod search;

use estimate::{Fitted, PlaneGaussian};
use protocol::evidence::Quadrature;

/// The gap KL(q ‖ p(z|x)) as a sum of three parts, in nats. The first two are the amortization gap, the last is the
/// approximation gap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GapSplit {
    /// What moving the mean of q gains, with the encoder's σ.
    pub(crate) shift: f64,
    /// What changing σ, and the mean with it, gains beyond that.
    pub(crate) scale: f64,
    /// What remains for the best axis-aligned Gaussian.
    pub(crate) shape: f64,
    /// The error of each part: how much the ELBO by Gauss–Hermite quadrature and the gap on the cells disagree for the
    /// encoder's q, and the error of log p(x).
    pub(crate) error: f64,
    /// The encoder's q(z|x).
    pub(crate) encoder: PlaneGaussian,
    /// The best axis-aligned Gaussian for this image.
    pub(crate) best: PlaneGaussian,
}

impl GapSplit {
    /// From the ELBO of the encoder's q, of the best q with its σ, and of the best q.
    pub(crate) fn new(exact: &Quadrature, encoder: Fitted, shifted: Fitted, best: Fitted) -> Self {
        let gap = exact.log_evidence - encoder.elbo;
        Self {
            shift: shifted.elbo - encoder.elbo,
            scale: best.elbo - shifted.elbo,
            shape: exact.log_evidence - best.elbo,
            error: (gap - exact.gap).abs() + exact.error,
            encoder: encoder.q,
            best: best.q,
        }
    }

    /// The part that is due to the encoder.
    pub(crate) fn amortization(&self) -> f64 {
        self.shift + self.scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gap_split_adds_up_to_the_gap() {
        let q = PlaneGaussian {
            mu: [0.0; 2],
            sigma: [0.1; 2],
        };
        let fitted = |elbo| Fitted { q, elbo };
        let exact = Quadrature {
            log_evidence: -125.0,
            error: 0.001,
            gap: 1.402,
            mean: [0.0; 2],
            standard_deviation: [0.1; 2],
            cells: Vec::new(),
        };
        let split = GapSplit::new(&exact, fitted(-126.4), fitted(-126.1), fitted(-125.9));
        let sum = split.shift + split.scale + split.shape;
        assert!((sum - 1.4).abs() < 1e-9);
        assert!((split.amortization() - 0.5).abs() < 1e-9);
        assert!((split.shape - 0.9).abs() < 1e-9);
        assert!((split.error - 0.003).abs() < 1e-9, "{}", split.error);
    }
}
