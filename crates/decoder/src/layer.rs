//! A linear layer with integer weights.

use kernels::mlp::PackedLinear;

/// A linear layer: integer weights, and a scale for each output.
#[derive(Debug, Clone, PartialEq)]
pub struct IntegerLayer {
    /// Number of inputs.
    pub(crate) inputs: usize,
    /// `[outputs]`
    pub(crate) bias: Vec<f32>,
    /// `[outputs]`, the weight that 1 stands for.
    pub(crate) scale: Vec<f32>,
    /// `[outputs, inputs]`
    pub(crate) weight: Vec<i16>,
}

impl IntegerLayer {
    /// Rounds the weights of a layer to integers.
    ///
    /// The scale of a row is the power of two of which all of its weights are multiples, if sixteen bits suffice: the
    /// included models' large matrices have a common step, so that their integers are small and exact. Other rows are
    /// rounded to sixteen bits.
    ///
    /// # Shapes
    /// - `weight`: `[outputs, inputs]`, as in a PyTorch `state_dict`
    /// - `bias`: `[outputs]`
    ///
    /// # Panics
    /// If the weight has other dimensions, or there are none.
    pub fn new(weight: &[f32], bias: Vec<f32>) -> Self {
        let inputs = weight.len() / bias.len();
        assert_eq!(weight.len(), inputs * bias.len(), "number of weights");
        let rows = weight.chunks_exact(inputs);
        let scale: Vec<f32> = rows.clone().map(scale_of).collect();
        let weight = rows
            .zip(&scale)
            .flat_map(|(row, scale)| row.iter().map(move |value| (value / scale).round() as i16))
            .collect();
        Self {
            inputs,
            bias,
            scale,
            weight,
        }
    }

    /// Number of outputs.
    pub(crate) fn outputs(&self) -> usize {
        self.bias.len()
    }

    /// The layer for forward passes.
    pub(crate) fn pack(&self) -> PackedLinear {
        let outputs = self.outputs();
        let mut columns = vec![0.0; self.weight.len()];
        let rows = self.weight.chunks_exact(self.inputs).zip(&self.scale);
        for (output, (row, scale)) in rows.enumerate() {
            for (input, &value) in row.iter().enumerate() {
                columns[input * outputs + output] = f32::from(value) * scale;
            }
        }
        PackedLinear::new(&columns, self.bias.clone())
    }
}

/// The scale of a row; 1 if all of its weights are 0.
fn scale_of(row: &[f32]) -> f32 {
    let magnitude = row
        .iter()
        .fold(0.0, |largest: f32, value| largest.max(value.abs()));
    if magnitude == 0.0 {
        return 1.0;
    }
    let common = row
        .iter()
        .filter(|&&value| value != 0.0)
        .map(|&value| largest_factor(value));
    let common = common.fold(f32::INFINITY, f32::min);
    let range = (magnitude / f32::from(i16::MAX)).log2().ceil().exp2();
    common.max(range)
}

/// The largest power of two of which a normal number is a multiple.
fn largest_factor(value: f32) -> f32 {
    let bits = value.to_bits();
    let mantissa = f32::MANTISSA_DIGITS - 1;
    let dropped = mantissa - bits.trailing_zeros().min(mantissa);
    let power = f32::from_bits(bits & 0x7f80_0000);
    power * (-(dropped as f32)).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn restored(layer: &IntegerLayer) -> Vec<f32> {
        let rows = layer.weight.chunks(layer.inputs).zip(&layer.scale);
        rows.flat_map(|(row, scale)| row.iter().map(move |&value| f32::from(value) * scale))
            .collect()
    }

    #[test]
    fn integer_layer_keeps_multiples_of_a_power_of_two() {
        let weight: Vec<f32> = (0..600)
            .map(|i| (i * 7 % 601 - 300) as f32 / 64.0)
            .collect();
        let layer = IntegerLayer::new(&weight, vec![0.0; 2]);
        assert_eq!((layer.outputs(), layer.inputs), (2, 300));
        assert_eq!(layer.scale, [1.0 / 64.0; 2]);
        assert_eq!(restored(&layer), weight);
    }

    #[test]
    fn integer_layer_rounds_other_rows_to_sixteen_bits() {
        let weight: Vec<f32> = (1..600)
            .map(|i| (i as f32).sin() * 3.0)
            .chain([0.0])
            .collect();
        let layer = IntegerLayer::new(&weight, vec![0.0; 2]);
        for (restored, value) in restored(&layer).into_iter().zip(weight) {
            assert!(
                (restored - value).abs() <= 3.0 / 32767.0,
                "{restored} {value}"
            );
        }
        assert_eq!(IntegerLayer::new(&[0.0; 3], vec![0.0]).scale, [1.0]);
    }

    #[test]
    fn largest_factor_is_the_value_of_the_lowest_bit() {
        for (value, factor) in [
            (1.0, 1.0),
            (-6.0, 2.0),
            (0.75, 0.25),
            (1024.0, 1024.0),
            (5.0 / 256.0, 1.0 / 256.0),
        ] {
            assert_eq!(largest_factor(value), factor, "{value}");
        }
    }
}
