//! What is measured: calls of three models.

use serde::{Deserialize, Serialize};

/// A model. `tests/bench/peers/model.js` and `pytorch.py` define the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Size {
    /// 784-256-128-16, GELU: the included 16-D model.
    S,
    /// 784-512-512-20, ReLU.
    L,
    /// Convolutional: 32×32 in colour, 3×3 convolutions to 32 and 64 channels, 4096-128-16, ReLU.
    C,
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

/// All rows, in the tables' order.
pub(crate) const ALL: [(Row, Size); 11] = [
    (Row::Step, Size::S),
    (Row::Step, Size::L),
    (Row::Step, Size::C),
    (Row::Decode1, Size::S),
    (Row::Decode1, Size::L),
    (Row::Decode1, Size::C),
    (Row::Decode400, Size::S),
    (Row::Decode400, Size::L),
    (Row::Encode1, Size::S),
    (Row::Encode1, Size::L),
    (Row::Encode1, Size::C),
];

/// A matrix product of one image, or a convolution as the product of its patches.
#[derive(Debug, Clone, Copy)]
struct Product {
    /// Positions of the output; 1 for a fully connected layer.
    positions: usize,
    inputs: usize,
    outputs: usize,
}

impl Product {
    fn multiply_adds(&self) -> usize {
        self.positions * self.inputs * self.outputs
    }
}

impl Size {
    /// All models.
    pub(crate) const ALL: [Self; 3] = [Self::S, Self::L, Self::C];

    /// Name in tables and commands.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::L => "L",
            Self::C => "C",
        }
    }

    /// Images of a training step.
    fn batch(self) -> usize {
        match self {
            Self::S | Self::L => 128,
            Self::C => 64,
        }
    }

    /// The products of the encoder (μ and log σ² as one) and the decoder, from the input on. A convolution after
    /// upsampling counts as one on the upsampled map.
    fn products(self) -> [Vec<Product>; 2] {
        let linear = |widths: &[usize]| -> Vec<Product> {
            let pairs = widths.windows(2);
            pairs
                .map(|pair| Product {
                    positions: 1,
                    inputs: pair[0],
                    outputs: pair[1],
                })
                .collect()
        };
        let convolution = |positions, channels: usize, outputs| Product {
            positions,
            inputs: 9 * channels,
            outputs,
        };
        match self {
            Self::S => [&[784, 256, 128, 32], &[16, 128, 256, 784]].map(|widths| linear(widths)),
            Self::L => [&[784, 512, 512, 40], &[20, 512, 512, 784]].map(|widths| linear(widths)),
            Self::C => {
                let encoder = [convolution(16 * 16, 3, 32), convolution(8 * 8, 32, 64)];
                let decoder = [convolution(16 * 16, 64, 32), convolution(32 * 32, 32, 3)];
                [
                    [&encoder[..], &linear(&[4096, 128, 32])].concat(),
                    [&linear(&[16, 128, 4096])[..], &decoder].concat(),
                ]
            }
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
        let [encoder, decoder] = size.products();
        let of = |products: &[Product]| products.iter().map(Product::multiply_adds).sum::<usize>();
        match self {
            Self::Decode1 => of(&decoder),
            Self::Decode400 => 400 * of(&decoder),
            Self::Encode1 => of(&encoder),
            Self::Step => {
                let without_image = 3 * (of(&encoder) + of(&decoder)) - encoder[0].multiply_adds();
                size.batch() * without_image
            }
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
        let decoder = 16 * 128 + 128 * 4096 + 256 * 576 * 32 + 1024 * 288 * 3;
        assert_eq!(Row::Decode1.multiply_adds(Size::C), decoder);
    }
}
