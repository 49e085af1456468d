//! Fully connected layers, laid out for passes forward.

use super::{
    activate::activate,
    floats,
    left::Left,
    panels::{Matrix, Panels},
    product::{COLUMNS, product, row_product},
};
use crate::Activation;
use burn::{nn::Linear, tensor::Tensor};

/// Hidden layers and what comes out of the last: an encoder with two heads, or a decoder with one.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    hidden: Vec<Dense>,
    heads: Vec<Dense>,
    activation: Activation,
}

/// A layer's weights and bias.
#[derive(Debug, Clone)]
struct Dense {
    weight: Panels<COLUMNS>,
    bias: Vec<f32>,
}

impl Network {
    /// Of layers whose weights [`holds`](super::holds).
    pub(crate) fn new(hidden: &[Linear], heads: &[&Linear], activation: Activation) -> Self {
        Self {
            hidden: hidden.iter().map(Dense::of).collect(),
            heads: heads.iter().copied().map(Dense::of).collect(),
            activation,
        }
    }

    /// What each head gives, `[n × width]`, row by row.
    ///
    /// # Shapes
    /// - `input`: `[n × inputs]`, row by row
    pub(crate) fn forward(&self, input: Vec<f32>, n: usize) -> Vec<Vec<f32>> {
        let mut left = Input::default();
        let mut values = input;
        for layer in &self.hidden {
            left.take(&values, n);
            values = layer.forward(&left, &values);
            activate(self.activation, &mut values);
        }
        left.take(&values, n);
        let heads = self.heads.iter();
        heads.map(|head| head.forward(&left, &values)).collect()
    }
}

/// The left operand of the next products.
#[derive(Default)]
struct Input {
    /// None of a single row, which is taken as it is.
    rows: Option<Left>,
}

impl Input {
    fn take(&mut self, values: &[f32], n: usize) {
        if n > 1 {
            let matrix = Matrix::new(values, n, values.len() / n);
            self.rows.get_or_insert_default().take_rows(matrix);
        }
    }
}

impl Dense {
    fn of(layer: &Linear) -> Self {
        let [inputs, outputs] = layer.weight.dims();
        let weight = layer.weight.val().inner().into_data();
        let bias = layer.bias.as_ref();
        Self {
            weight: Panels::of_columns(Matrix::new(floats(&weight), inputs, outputs)),
            bias: bias.map_or_else(|| vec![0.0; outputs], |bias| numbers(bias.val())),
        }
    }

    fn forward(&self, left: &Input, row: &[f32]) -> Vec<f32> {
        let (weight, bias) = (&self.weight, Some(self.bias.as_slice()));
        let rows = left.rows.as_ref().map_or(1, Left::lanes);
        let mut out = vec![0.0; rows * weight.lanes()];
        match &left.rows {
            Some(rows) => product(rows, weight, bias, &mut out),
            None => row_product(row, weight, bias, &mut out),
        }
        out
    }
}

/// The numbers of a tensor that [`holds`](super::holds), row by row.
pub(crate) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    floats(&tensor.inner().into_data()).to_vec()
}

/// Each of `n` rows with the next `width` numbers of `more` appended, which begins anew at its end.
///
/// # Shapes
/// - `values`: `[n × d]`
/// - `more`: `[n × width]`, or `[width]` for the same in each row
/// - result: `[n × (d + width)]`
pub(crate) fn append(values: &[f32], n: usize, more: &[f32], width: usize) -> Vec<f32> {
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
