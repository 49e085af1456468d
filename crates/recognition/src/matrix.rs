//! Weights with biases, and how layers are folded into them.

/// A weight `[out, in]` or `[out, in, height, width]` with its bias `[out]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matrix {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl Matrix {
    /// A missing bias is zero.
    pub(crate) fn new(shape: Vec<usize>, values: Vec<f32>, bias: Option<Vec<f32>>) -> Self {
        let outputs = shape[0];
        Self {
            shape,
            values,
            bias: bias.unwrap_or_else(|| vec![0.0; outputs]),
        }
    }

    pub(crate) fn outputs(&self) -> usize {
        self.shape[0]
    }

    pub(crate) fn inputs(&self) -> usize {
        self.shape[1]
    }

    /// Values of a convolution's window; 1 of a linear layer.
    fn taps(&self) -> usize {
        self.shape[2..].iter().product()
    }

    /// Values of the weight for each output.
    fn row_length(&self) -> usize {
        self.shape[1..].iter().product()
    }

    /// Applies a factor and a shift to each output.
    pub(crate) fn scale_outputs(&mut self, factor: &[f32], shift: &[f32]) {
        let length = self.row_length();
        for (row, factor) in self.values.chunks_exact_mut(length).zip(factor) {
            row.iter_mut().for_each(|value| *value *= factor);
        }
        for ((bias, factor), shift) in self.bias.iter_mut().zip(factor).zip(shift) {
            *bias = *bias * factor + shift;
        }
    }

    /// Applies the same factor and shift to all outputs.
    pub(crate) fn scale_all(&mut self, factor: f32, shift: f32) {
        let count = self.outputs();
        self.scale_outputs(&vec![factor; count], &vec![shift; count]);
    }

    /// Folds in a factor and a shift of the first inputs of a linear layer, which repeat if there are fewer.
    pub(crate) fn scale_inputs(&mut self, factor: &[f32], shift: &[f32], count: usize) {
        let length = self.row_length();
        for (row, bias) in self.values.chunks_exact_mut(length).zip(&mut self.bias) {
            let mut added = 0.0_f64;
            for (at, value) in row.iter_mut().take(count).enumerate() {
                added += f64::from(*value) * f64::from(shift[at % shift.len()]);
                *value *= factor[at % factor.len()];
            }
            *bias = (f64::from(*bias) + added) as f32;
        }
    }

    /// Reorders the first inputs of a linear layer from `[channels, positions]`, PyTorch's order, to
    /// `[positions, channels]`.
    pub(crate) fn inputs_by_position(&mut self, channels: usize, positions: usize) {
        let length = self.row_length();
        for row in self.values.chunks_exact_mut(length) {
            let reordered = by_position(&row[..channels * positions], channels, positions);
            row[..channels * positions].copy_from_slice(&reordered);
        }
    }

    /// Reorders the outputs of a linear layer in the same way.
    pub(crate) fn outputs_by_position(&mut self, channels: usize, positions: usize) {
        let length = self.row_length();
        let rows: Vec<&[f32]> = self.values.chunks_exact(length).collect();
        let order: Vec<usize> = by_position(
            &(0..channels * positions).collect::<Vec<_>>(),
            channels,
            positions,
        );
        self.values = order
            .iter()
            .flat_map(|&row| rows[row].iter().copied())
            .collect();
        self.bias = order.iter().map(|&row| self.bias[row]).collect();
    }

    /// Reorders the outputs of a linear layer from `[positions, channels]` to `[channels, positions]`.
    pub(crate) fn outputs_by_channel(&mut self, channels: usize, positions: usize) {
        self.outputs_by_position(positions, channels);
    }

    /// A linear layer that arranges a vector `[channels, positions]` as `[positions, channels]`.
    pub(crate) fn arrangement(channels: usize, positions: usize) -> Self {
        let size = channels * positions;
        let mut identity = vec![0.0; size * size];
        identity
            .iter_mut()
            .step_by(size + 1)
            .for_each(|value| *value = 1.0);
        let mut matrix = Self::new(vec![size, size], identity, None);
        matrix.outputs_by_position(channels, positions);
        matrix
    }

    /// Moves the first `count` inputs, or input channels of a convolution, behind the others.
    pub(crate) fn first_inputs_last(&mut self, count: usize) {
        let (length, taps) = (self.row_length(), self.taps());
        for row in self.values.chunks_exact_mut(length) {
            row.rotate_left(count * taps);
        }
    }

    /// Replaces the last inputs, or input channels of a convolution, those of an embedding `[labels, width]`, by one for
    /// each label.
    pub(crate) fn embed(&mut self, embedding: &[f32], labels: usize, width: usize) {
        let (length, taps) = (self.row_length(), self.taps());
        let kept = self.inputs() - width;
        self.values = self
            .values
            .chunks_exact(length)
            .flat_map(|row| {
                let (kept, of_label) = row.split_at(kept * taps);
                let products = embedding.chunks_exact(width).flat_map(|vector| {
                    (0..taps).map(move |tap| {
                        let terms = vector.iter().zip(of_label[tap..].iter().step_by(taps));
                        terms
                            .map(|(a, b)| f64::from(*a) * f64::from(*b))
                            .sum::<f64>() as f32
                    })
                });
                kept.iter().copied().chain(products).collect::<Vec<_>>()
            })
            .collect();
        self.shape[1] = kept + labels;
    }

    /// Adds inputs that have no effect.
    pub(crate) fn add_inputs(&mut self, count: usize) {
        let length = self.row_length();
        self.values = self
            .values
            .chunks_exact(length)
            .flat_map(|row| row.iter().copied().chain(std::iter::repeat_n(0.0, count)))
            .collect();
        self.shape[1] += count;
    }

    /// The weight of a transposed convolution, `[in, out, height, width]`, as `[out, in, height, width]`.
    pub(crate) fn swap_axes(values: &[f32], shape: &[usize]) -> Vec<f32> {
        let [input, output] = [shape[0], shape[1]];
        let taps: usize = shape[2..].iter().product();
        (0..output)
            .flat_map(|o| {
                (0..input)
                    .flat_map(move |i| (0..taps).map(move |tap| (i * output + o) * taps + tap))
            })
            .map(|at| values[at])
            .collect()
    }

    /// The rows `range` of a linear layer.
    pub(crate) fn rows(&self, range: std::ops::Range<usize>) -> Self {
        let length = self.row_length();
        Self {
            shape: vec![range.len(), self.shape[1]],
            values: self.values[range.start * length..range.end * length].to_vec(),
            bias: self.bias[range].to_vec(),
        }
    }

    /// Whether all values are finite.
    pub(crate) fn is_finite(&self) -> bool {
        self.values
            .iter()
            .chain(&self.bias)
            .all(|value| value.is_finite())
    }
}

/// `[channels, positions]` to `[positions, channels]`.
pub(crate) fn by_position<T: Copy>(values: &[T], channels: usize, positions: usize) -> Vec<T> {
    (0..positions)
        .flat_map(|position| (0..channels).map(move |channel| channel * positions + position))
        .map(|at| values[at])
        .collect()
}
