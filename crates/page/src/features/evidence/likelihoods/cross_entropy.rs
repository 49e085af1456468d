//! The cross-entropy of one black pixel, as in the notes' Figure 9 and in a numerically stable form.

/// Loss and derivative at one logit, in single precision as in the network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CrossEntropy {
    /// −log(1 − y + 1e-10) with y = sigmoid(l), in nats (Figure 9).
    pub(crate) naive: f32,
    /// Its derivative with respect to l.
    pub(crate) naive_derivative: f32,
    /// log(1 + eˡ) as max(l, 0) + log(1 + e^−|l|), in nats.
    pub(crate) stable: f32,
    /// Its derivative with respect to l.
    pub(crate) stable_derivative: f32,
}

impl CrossEntropy {
    /// The loss at the logit l of a pixel with x = 0.
    pub(crate) fn at(logit: f32) -> Self {
        let y = 1.0 / (1.0 + (-logit).exp());
        let complement = 1.0 - y + 1e-10_f32;
        Self {
            naive: -complement.ln(),
            naive_derivative: y * (1.0 - y) / complement,
            stable: logit.max(0.0) + (-logit.abs()).exp().ln_1p(),
            stable_derivative: y,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cross_entropy_forms_agree_at_small_logits() {
        for logit in [-5.0_f32, 0.0, 3.0] {
            let at = CrossEntropy::at(logit);
            assert!((at.naive - at.stable).abs() < 1e-4, "{at:?}");
            assert!((at.naive_derivative - at.stable_derivative).abs() < 1e-4);
        }
    }

    #[test]
    fn cross_entropy_naive_form_fails_at_17() {
        let at = CrossEntropy::at(17.0);
        assert!((at.naive - 23.026).abs() < 1e-3, "{at:?}");
        assert_eq!(at.naive_derivative, 0.0);
        assert!((at.stable - 17.0).abs() < 1e-5);
        assert_eq!(at.stable_derivative, 1.0);
    }
}
