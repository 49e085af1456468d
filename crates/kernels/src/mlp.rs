//! Fully connected networks whose weights are packed once, for many forward passes.

use crate::{
    activation::activate,
    gemm::{MatrixRef, PackedRhs, SparseLhs, gemm, gemv},
};
use spec::Activation;

/// A multilayer perceptron with one or more linear heads on its last hidden layer: an encoder with two, or a decoder
/// with one.
#[derive(Debug, Clone)]
pub struct PackedMlp {
    hidden: Vec<PackedLinear>,
    heads: Vec<PackedLinear>,
    activation: Activation,
}

/// A linear layer with packed weights.
#[derive(Debug, Clone)]
pub struct PackedLinear {
    weight: PackedRhs,
    bias: Vec<f32>,
}

impl PackedLinear {
    /// Packs a layer.
    ///
    /// # Shapes
    /// - `weight`: `[inputs, outputs]`
    /// - `bias`: `[outputs]`
    ///
    /// # Panics
    /// If the weight has other dimensions.
    pub fn new(weight: &[f32], bias: Vec<f32>) -> Self {
        let outputs = bias.len();
        let inputs = weight.len() / outputs;
        Self {
            weight: PackedRhs::from_columns(MatrixRef::new(weight, inputs, outputs)),
            bias,
        }
    }

    fn forward(&self, input: &Input, row: &[f32]) -> Vec<f32> {
        let bias = Some(self.bias.as_slice());
        let n = input.packed.as_ref().map_or(1, SparseLhs::m);
        let mut out = vec![0.0; n * self.weight.extent()];
        match &input.packed {
            Some(rows) => gemm(rows, &self.weight, bias, &mut out),
            None => gemv(row, &self.weight, bias, &mut out),
        }
        out
    }
}

impl PackedMlp {
    /// A network of these layers; `activation` follows each hidden layer.
    pub fn new(
        hidden: Vec<PackedLinear>,
        heads: Vec<PackedLinear>,
        activation: Activation,
    ) -> Self {
        Self {
            hidden,
            heads,
            activation,
        }
    }

    /// The output of each head, `[n, outputs]`.
    ///
    /// # Shapes
    /// - `input`: `[n, inputs]`, `n` at least 1
    pub fn forward(&self, input: Vec<f32>, n: usize) -> Vec<Vec<f32>> {
        let mut lhs = Input::default();
        let mut values = input;
        for layer in &self.hidden {
            lhs.pack(&values, n);
            values = layer.forward(&lhs, &values);
            activate(self.activation, &mut values);
        }
        lhs.pack(&values, n);
        let heads = self.heads.iter();
        heads.map(|head| head.forward(&lhs, &values)).collect()
    }
}

/// The left operand of a layer's product.
#[derive(Default)]
struct Input {
    /// None for a single row, which [`gemv`] reads unpacked.
    packed: Option<SparseLhs>,
}

impl Input {
    fn pack(&mut self, values: &[f32], n: usize) {
        if n > 1 {
            let matrix = MatrixRef::new(values, n, values.len() / n);
            self.packed.get_or_insert_default().pack_rows(matrix);
        }
    }
}

/// Appends columns to a matrix; `more` is repeated from its start when it has fewer rows.
///
/// # Shapes
/// - `values`: `[n, d]`
/// - `more`: `[n, width]`, or `[width]` for the same in each row
/// - result: `[n, d + width]`
pub fn append_columns(values: &[f32], n: usize, more: &[f32], width: usize) -> Vec<f32> {
    if width == 0 || n == 0 {
        return values.to_vec();
    }
    let rows = values.chunks_exact(values.len() / n);
    let all = rows.zip(more.chunks_exact(width).cycle());
    let mut out = Vec::with_capacity(values.len() + n * width);
    for (row, more) in all {
        out.extend_from_slice(row);
        out.extend_from_slice(more);
    }
    out
}

/// The matrix without its last `dropped` columns: the reverse of [`append_columns`].
///
/// # Shapes
/// - `values`: `[n, d + dropped]`
/// - result: `[n, d]`
pub fn leading_columns(values: Vec<f32>, n: usize, dropped: usize) -> Vec<f32> {
    if dropped == 0 || n == 0 {
        return values;
    }
    let width = values.len() / n;
    let rows = values.chunks_exact(width);
    rows.flat_map(|row| &row[..width - dropped])
        .copied()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_mlp_gives_the_same_output_for_one_row_and_for_several() {
        let layer = |inputs: usize, outputs: usize| {
            let weight: Vec<f32> = (0..inputs * outputs)
                .map(|i| (i as f32 * 0.7).sin())
                .collect();
            PackedLinear::new(&weight, vec![0.25; outputs])
        };
        let mlp = PackedMlp::new(
            vec![layer(6, 11), layer(11, 9)],
            vec![layer(9, 2), layer(9, 3)],
            Activation::Relu,
        );
        let input: Vec<f32> = (0..5 * 6).map(|i| (i as f32 * 0.3).cos()).collect();
        let together = mlp.forward(input.clone(), 5);
        for (row, input) in input.chunks(6).enumerate() {
            let alone = mlp.forward(input.to_vec(), 1);
            assert_eq!(alone[0], together[0][row * 2..][..2]);
            assert_eq!(alone[1], together[1][row * 3..][..3]);
        }
    }

    #[test]
    fn append_columns_repeats_a_single_row() {
        let values = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(
            append_columns(&values, 2, &[8.0, 9.0], 1),
            [1.0, 2.0, 8.0, 3.0, 4.0, 9.0]
        );
        assert_eq!(
            append_columns(&values, 2, &[8.0], 1),
            [1.0, 2.0, 8.0, 3.0, 4.0, 8.0]
        );
        assert_eq!(append_columns(&values, 2, &[], 0), values);
    }
}
