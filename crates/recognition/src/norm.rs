//! Normalizations: batch normalization with fixed statistics, layer and group normalization.

use crate::matrix::{Matrix, by_position};

/// PyTorch's default.
const EPSILON: f64 = 1e-5;

/// A factor and a shift for each channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Norm {
    pub(crate) name: String,
    pub(crate) factor: Vec<f32>,
    pub(crate) shift: Vec<f32>,
    /// Whether the channels are normalized by their own mean and variance before.
    pub(crate) is_computed: bool,
}

impl Norm {
    /// From the running statistics: (x − mean) / √(variance + ε) · weight + bias. Missing weights are 1, missing biases 0.
    pub(crate) fn fixed(
        name: String,
        mean: &[f32],
        variance: &[f32],
        weight: Option<&[f32]>,
        bias: Option<&[f32]>,
    ) -> Self {
        let value = |values: Option<&[f32]>, at: usize, default: f64| {
            values
                .and_then(|values| values.get(at))
                .map_or(default, |&value| f64::from(value))
        };
        let factor: Vec<f64> = variance
            .iter()
            .enumerate()
            .map(|(at, &variance)| value(weight, at, 1.0) / (f64::from(variance) + EPSILON).sqrt())
            .collect();
        let shift = factor
            .iter()
            .enumerate()
            .map(|(at, factor)| (value(bias, at, 0.0) - factor * value(Some(mean), at, 0.0)) as f32)
            .collect();
        Self {
            name,
            shift,
            factor: factor.into_iter().map(|factor| factor as f32).collect(),
            is_computed: false,
        }
    }

    /// A layer or group normalization: the statistics are those of the values themselves.
    pub(crate) fn computed(name: String, factor: Vec<f32>, shift: Vec<f32>) -> Self {
        Self {
            name,
            factor,
            shift,
            is_computed: true,
        }
    }

    /// The normalization of a vector `[channels, positions]` that is arranged as `[positions, channels]`: of each of its
    /// values, or, if there are as many as channels, of each channel.
    pub(crate) fn by_position(&self, channels: usize, positions: usize) -> Self {
        let arranged = |values: &[f32]| match values.len() == channels {
            true => values.repeat(positions),
            false => by_position(values, channels, positions),
        };
        Self {
            name: self.name.clone(),
            factor: arranged(&self.factor),
            shift: arranged(&self.shift),
            is_computed: self.is_computed,
        }
    }

    /// The same with another factor and shift after it.
    pub(crate) fn scaled(&self, factor: f32, shift: f32) -> Self {
        Self {
            factor: self.factor.iter().map(|value| value * factor).collect(),
            shift: self
                .shift
                .iter()
                .map(|value| value * factor + shift)
                .collect(),
            ..self.clone()
        }
    }
}

impl Matrix {
    /// Folds in the normalization after the layer. If it has fewer values than the layer has outputs, `[channels, positions]`,
    /// each is that of a channel.
    pub(crate) fn normalize(&mut self, norm: &Norm) {
        let positions = self.outputs() / norm.factor.len().max(1);
        let spread = |values: &[f32]| -> Vec<f32> {
            let repeated = values
                .iter()
                .map(|&value| std::iter::repeat_n(value, positions));
            repeated.flatten().collect()
        };
        self.scale_outputs(&spread(&norm.factor), &spread(&norm.shift));
    }
}
