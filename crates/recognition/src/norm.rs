//! Batch normalization with fixed statistics.

use crate::matrix::{Matrix, by_position};

/// PyTorch's default.
const EPSILON: f64 = 1e-5;

/// A factor and a shift for each channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Norm {
    pub(crate) name: String,
    pub(crate) factor: Vec<f32>,
    pub(crate) shift: Vec<f32>,
}

impl Norm {
    /// From the running statistics: (x − mean) / √(variance + ε) · weight + bias. Missing weights are 1, missing biases 0.
    pub(crate) fn new(
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
        }
    }

    /// The normalization of a vector `[channels, positions]` that is arranged as `[positions, channels]`.
    pub(crate) fn by_position(&self, channels: usize, positions: usize) -> Self {
        Self {
            name: self.name.clone(),
            factor: by_position(&self.factor, channels, positions),
            shift: by_position(&self.shift, channels, positions),
        }
    }
}

impl Matrix {
    /// Folds in the normalization after the layer.
    pub(crate) fn normalize(&mut self, norm: &Norm) {
        self.scale_outputs(&norm.factor, &norm.shift);
    }
}
