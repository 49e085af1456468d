//! Convolutions whose weights are packed once, for many forward passes.

use super::{Convolution, Workspace};
use crate::{activation::activate, gemm::PackedRhs};
use spec::Activation;

/// The convolutions of an encoder or a decoder. The activation follows each strided convolution and precedes each one
/// after upsampling: the layer before the decoder's first convolution is a hidden layer, and its last one is the output.
#[derive(Debug, Clone)]
pub struct PackedConvolutions {
    layers: Vec<Layer>,
    activation: Activation,
}

#[derive(Debug, Clone)]
struct Layer {
    convolution: Convolution,
    weight: PackedRhs,
    bias: Vec<f32>,
}

impl PackedConvolutions {
    /// No layers yet.
    pub fn new(activation: Activation) -> Self {
        Self {
            layers: Vec::new(),
            activation,
        }
    }

    /// Adds a layer.
    ///
    /// # Shapes
    /// - `weight`: `[9 · in, out]`
    /// - `bias`: `[out]`
    pub fn push(&mut self, convolution: Convolution, weight: &[f32], bias: Vec<f32>) {
        let mut packed = PackedRhs::default();
        convolution.pack(weight, &mut packed);
        self.layers.push(Layer {
            convolution,
            weight: packed,
            bias,
        });
    }

    /// The output of the last layer for each image.
    ///
    /// # Shapes
    /// - `x`: `[n, input]`
    /// - result: `[n, output]`
    pub fn forward(&self, x: Vec<f32>) -> Vec<f32> {
        let mut workspace = Workspace::default();
        let mut values = x;
        for layer in &self.layers {
            let activate_first = matches!(layer.convolution, Convolution::Upsampled(_));
            if activate_first {
                activate(self.activation, &mut values);
            }
            let n = values.len() / layer.convolution.input_size();
            let mut out = vec![0.0; n * layer.convolution.output_size()];
            let Layer {
                convolution,
                weight,
                bias,
            } = layer;
            convolution.forward(weight, bias, &values, &mut out, &mut workspace);
            if !activate_first {
                activate(self.activation, &mut out);
            }
            values = out;
        }
        values
    }
}
