//! What a layer computes, and its backward pass.

use super::{Layer, LayerGradient};
use crate::{
    conv::{self, Convolution},
    gemm::{MatrixRef, PackedRhs, SparseLhs, gemm, gemm_nt},
};
use spec::ConvolutionConfig;

/// What a layer computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// input·W + b.
    Linear,
    /// A 3×3 convolution.
    Convolution(Convolution),
}

/// The encoder's convolutions, from the image inwards.
pub(super) fn strided(config: Option<&ConvolutionConfig>) -> Vec<Operation> {
    let sides = config.map_or_else(Vec::new, ConvolutionConfig::sides);
    sides
        .into_iter()
        .map(|sides| Operation::Convolution(Convolution::Strided(sides)))
        .collect()
}

/// The decoder's convolutions, from the innermost map outwards; without convolutions its output layer.
pub(super) fn upsampled(config: Option<&ConvolutionConfig>) -> Vec<Operation> {
    let Some(config) = config else {
        return vec![Operation::Linear];
    };
    let sides = config.sides().into_iter().rev();
    sides
        .map(|sides| Operation::Convolution(Convolution::Upsampled(sides)))
        .collect()
}

/// Memory that all products of a step share.
pub(super) struct Workspace {
    /// Rows: images, or points of the latent space.
    n: usize,
    lhs: SparseLhs,
    rhs: PackedRhs,
    weight: Vec<f32>,
    bias: Vec<f32>,
    convolution: conv::Workspace,
}

impl Workspace {
    pub(super) fn new(n: usize) -> Self {
        Self {
            n,
            lhs: SparseLhs::default(),
            rhs: PackedRhs::default(),
            weight: Vec::new(),
            bias: Vec::new(),
            convolution: conv::Workspace::default(),
        }
    }

    /// Sets the number of rows of the next products.
    pub(super) fn set_rows(&mut self, n: usize) {
        self.n = n;
    }

    /// A layer's output: `[n, outputs]`.
    pub(super) fn forward<L: Layer>(
        &mut self,
        operation: Operation,
        layer: &L,
        input: &[f32],
    ) -> Vec<f32> {
        let (weight, bias) = (layer.weight(), layer.bias());
        match operation {
            Operation::Linear => {
                let inputs = input.len() / self.n;
                let outputs = weight.len() / inputs;
                self.lhs.pack_rows(MatrixRef::new(input, self.n, inputs));
                self.rhs
                    .pack_columns(MatrixRef::new(weight, inputs, outputs));
                let mut out = vec![0.0; self.n * outputs];
                gemm(&self.lhs, &self.rhs, bias, &mut out);
                out
            }
            Operation::Convolution(convolution) => {
                convolution.pack(weight, &mut self.rhs);
                let mut out = vec![0.0; self.n * convolution.output_size()];
                let bias = bias.unwrap_or_default();
                convolution.forward(&self.rhs, bias, input, &mut out, &mut self.convolution);
                out
            }
        }
    }

    /// The gradient for a layer's input, of a linear one δ·Wᵀ: `[n, inputs]`.
    pub(super) fn backward<L: Layer>(
        &mut self,
        operation: Operation,
        layer: &L,
        delta: &[f32],
    ) -> Vec<f32> {
        let weight = layer.weight();
        match operation {
            Operation::Linear => {
                let outputs = delta.len() / self.n;
                let inputs = weight.len() / outputs;
                let mut out = vec![0.0; self.n * inputs];
                gemm_nt(
                    MatrixRef::new(delta, self.n, outputs),
                    MatrixRef::new(weight, inputs, outputs),
                    &mut out,
                );
                out
            }
            Operation::Convolution(convolution) => {
                convolution.backward(weight, delta, &mut self.convolution)
            }
        }
    }

    /// The gradients for a layer's parameters; of a linear one inputᵀ·δ, and the sum of δ's rows.
    pub(super) fn gradient(
        &mut self,
        operation: Operation,
        input: &[f32],
        delta: &[f32],
    ) -> LayerGradient<'_> {
        match operation {
            Operation::Linear => {
                let (inputs, outputs) = (input.len() / self.n, delta.len() / self.n);
                self.lhs.pack_columns(MatrixRef::new(input, self.n, inputs));
                self.rhs
                    .pack_columns(MatrixRef::new(delta, self.n, outputs));
                self.weight.resize(inputs * outputs, 0.0);
                gemm(&self.lhs, &self.rhs, None, &mut self.weight);
                self.bias.clear();
                self.bias.resize(outputs, 0.0);
                for row in delta.chunks_exact(outputs) {
                    self.bias
                        .iter_mut()
                        .zip(row)
                        .for_each(|(sum, delta)| *sum += delta);
                }
            }
            Operation::Convolution(convolution) => {
                (self.weight, self.bias) =
                    convolution.gradient(input, delta, &mut self.convolution);
            }
        }
        LayerGradient {
            weight: &self.weight,
            bias: &self.bias,
        }
    }
}
