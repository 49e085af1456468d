//! What is measured: four calls of two models.

use serde::{Deserialize, Serialize};

/// A model. `tests/bench/peers/model.js` and `pytorch.py` define the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Size {
    /// 784-256-128-16, GELU: the included 16-D model.
    S,
    /// 784-512-512-20, ReLU.
    L,
}

/// A measured call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Row {
    /// A training step with one batch.
    Step,
    /// Decoding one latent vector.
    Decode1,
    /// Decoding 400 latent vectors.
    Decode400,
    /// Encoding one image to μ and log σ².
    Encode1,
}

/// Batch size of a training step.
const BATCH: usize = 128;

/// All rows, in the tables' order.
pub(crate) const ALL: [(Row, Size); 8] = [
    (Row::Step, Size::S),
    (Row::Step, Size::L),
    (Row::Decode1, Size::S),
    (Row::Decode1, Size::L),
    (Row::Decode400, Size::S),
    (Row::Decode400, Size::L),
    (Row::Encode1, Size::S),
    (Row::Encode1, Size::L),
];

impl Size {
    /// Name in tables and commands.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::L => "L",
        }
    }

    /// Layer widths of the encoder (μ and log σ² as one output) and the decoder.
    fn widths(self) -> [Vec<usize>; 2] {
        match self {
            Self::S => [vec![784, 256, 128, 32], vec![16, 128, 256, 784]],
            Self::L => [vec![784, 512, 512, 40], vec![20, 512, 512, 784]],
        }
    }
}

impl Row {
    /// Name in tables.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Step => "training step",
            Self::Decode1 => "decode 1",
            Self::Decode400 => "decode 400",
            Self::Encode1 => "encode 1",
        }
    }

    /// Multiply-adds of its matrix products. A training step has three products per layer: forward, gradient of the
    /// weights, gradient of the inputs; the gradient of the image is not needed.
    pub(crate) fn multiply_adds(self, size: Size) -> usize {
        let [encoder, decoder] = size.widths();
        let of = |widths: &[usize]| widths.windows(2).map(|w| w[0] * w[1]).sum::<usize>();
        match self {
            Self::Decode1 => of(&decoder),
            Self::Decode400 => 400 * of(&decoder),
            Self::Encode1 => of(&encoder),
            Self::Step => BATCH * (3 * (of(&encoder) + of(&decoder)) - encoder[0] * encoder[1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiply_adds_counts_matrix_products() {
        let decoder = 16 * 128 + 128 * 256 + 256 * 784;
        assert_eq!(Row::Decode1.multiply_adds(Size::S), decoder);
        assert_eq!(Row::Decode400.multiply_adds(Size::S), 400 * decoder);
        let first = 784 * 512;
        let encoder = first + 512 * 512 + 512 * 40;
        let decoder = 20 * 512 + 512 * 512 + first;
        assert_eq!(
            Row::Step.multiply_adds(Size::L),
            128 * (3 * (encoder + decoder) - first)
        );
    }
}
