//! The cross-entropy of one pixel without ink, as the notes' Figure 9 writes it and in stable form.

/// One logit's numbers, in the single precision that networks compute in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CrossEntropy {
    /// −log(1 − y + 1e-10) with y = sigmoid(l), in nats.
    pub(crate) written: f32,
    /// Its derivative for l.
    pub(crate) written_slope: f32,
    /// log(1 + eˡ) as max(l, 0) + log(1 + e^−|l|), in nats.
    pub(crate) stable: f32,
    /// Its derivative for l.
    pub(crate) stable_slope: f32,
}

impl CrossEntropy {
    /// For the logit of a pixel that has no ink.
    pub(crate) fn at(logit: f32) -> Self {
        let y = 1.0 / (1.0 + (-logit).exp());
        let rest = 1.0 - y + 1e-10_f32;
        Self {
            written: -rest.ln(),
            written_slope: y * (1.0 - y) / rest,
            stable: logit.max(0.0) + (-logit.abs()).exp().ln_1p(),
            stable_slope: y,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_agree_where_the_logit_is_small() {
        for logit in [-5.0_f32, 0.0, 3.0] {
            let at = CrossEntropy::at(logit);
            assert!((at.written - at.stable).abs() < 1e-4, "{at:?}");
            assert!((at.written_slope - at.stable_slope).abs() < 1e-4);
        }
    }

    #[test]
    fn one_breaks_at_seventeen() {
        let at = CrossEntropy::at(17.0);
        assert!((at.written - 23.026).abs() < 1e-3, "{at:?}");
        assert_eq!(at.written_slope, 0.0);
        assert!((at.stable - 17.0).abs() < 1e-5);
        assert_eq!(at.stable_slope, 1.0);
    }
}
