//! Convolutions of small maps as linear layers.

use super::encoder::no_geometry;
use crate::{Candidate, RecognitionError, geometry::Plan, matrix::Matrix};
use spec::FeatureMap;

/// The most values of the weight of a head that was a convolution.
const MAX_VALUES: usize = 1 << 22;

/// A convolution `[out, in, kernel, kernel]` of a square map as a linear layer from `[positions, in]` to
/// `[positions, out]`, and the side of its result. `from` is the side of the map that it reads, before an upsampling by
/// the plan. `None` if the window does not fit.
pub(super) fn unrolled(
    matrix: &Matrix,
    plan: Plan,
    transposed: bool,
    from: usize,
) -> Option<(Matrix, usize)> {
    let [outputs, inputs, kernel, _] = matrix.shape[..] else {
        return None;
    };
    let factor = if plan.resize { 2 } else { 1 };
    let read = from * factor;
    let size = match transposed {
        true => ((read - 1) * plan.stride + kernel + plan.output_padding)
            .checked_sub(2 * plan.padding)?,
        false => (read + 2 * plan.padding).checked_sub(kernel)? / plan.stride + 1,
    };
    let row_length = from * from * inputs;
    let mut values = vec![0.0; size * size * outputs * row_length];
    let mut bias = Vec::with_capacity(size * size * outputs);
    // Taps along an axis with what they read, for each position of the result.
    let taps = |at: usize| -> Vec<(usize, usize)> {
        (0..kernel)
            .filter_map(|tap| {
                let position = match transposed {
                    true => {
                        let distance = (at + plan.padding).checked_sub(tap)?;
                        distance
                            .is_multiple_of(plan.stride)
                            .then(|| distance / plan.stride)?
                    }
                    false => (at * plan.stride + tap).checked_sub(plan.padding)?,
                };
                (position < read).then_some((tap, position / factor))
            })
            .collect()
    };
    for row in 0..size {
        for column in 0..size {
            let (rows, columns) = (taps(row), taps(column));
            for output in 0..outputs {
                let start = bias.len() * row_length;
                bias.push(matrix.bias[output]);
                for &(row_tap, y) in &rows {
                    for &(column_tap, x) in &columns {
                        for input in 0..inputs {
                            let tap = ((output * inputs + input) * kernel + row_tap) * kernel;
                            values[start + (y * from + x) * inputs + input] +=
                                matrix.values[tap + column_tap];
                        }
                    }
                }
            }
        }
    }
    let linear = Matrix {
        shape: vec![size * size * outputs, row_length],
        values,
        bias,
    };
    Some((linear, size))
}

/// A head that is a convolution of this map as a linear layer. Its outputs are in PyTorch's order,
/// `[outputs, positions]`.
///
/// # Errors
/// [`RecognitionError`] if the window does not fit the map, or the layer would be too large.
pub(super) fn head(
    candidate: &Candidate,
    matrix: &Matrix,
    plan: Plan,
    map: Option<FeatureMap>,
) -> Result<Matrix, RecognitionError> {
    let map = map
        .filter(|map| map.height == map.width && map.channels == matrix.inputs())
        .ok_or_else(|| no_geometry(candidate))?;
    // At most as many positions as the map has, or the kernel.
    let most = (map.height + 2 * plan.padding).pow(2) * matrix.outputs() * map.values();
    if most > MAX_VALUES {
        return Err(RecognitionError::LargeHead(most));
    }
    let (mut linear, size) =
        unrolled(matrix, plan, false, map.height).ok_or_else(|| no_geometry(candidate))?;
    linear.outputs_by_channel(matrix.outputs(), size * size);
    Ok(linear)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(stride: usize, padding: usize, output_padding: usize, resize: bool) -> Plan {
        Plan {
            stride,
            padding,
            output_padding,
            resize,
        }
    }

    /// A kernel of 2×2 on a map of 2×2 is a linear layer with the same values, in the order of positions.
    #[test]
    fn unrolled_reads_each_position() {
        let matrix = Matrix {
            shape: vec![1, 2, 2, 2],
            values: (0..8).map(|at| at as f32).collect(),
            bias: vec![0.5],
        };
        let (linear, size) = unrolled(&matrix, plan(1, 0, 0, false), false, 2).expect("fits");
        assert_eq!((size, linear.shape.as_slice()), (1, &[1, 8][..]));
        assert_eq!(linear.values, [0.0, 4.0, 1.0, 5.0, 2.0, 6.0, 3.0, 7.0]);
        assert!(unrolled(&matrix, plan(1, 0, 0, false), false, 1).is_none());
    }

    /// One position becomes the kernel; upsampled before a 3×3 kernel with a border, four of its taps.
    #[test]
    fn unrolled_writes_each_position() {
        let matrix = |kernel: usize| Matrix {
            shape: vec![1, 1, kernel, kernel],
            values: (0..kernel * kernel).map(|at| at as f32).collect(),
            bias: vec![0.0],
        };
        let (linear, size) = unrolled(&matrix(3), plan(1, 0, 0, false), true, 1).expect("fits");
        assert_eq!((size, linear.values[7]), (3, 7.0));
        let (linear, size) = unrolled(&matrix(3), plan(1, 1, 0, true), false, 1).expect("fits");
        assert_eq!(size, 2);
        assert_eq!(linear.values[0], 4.0 + 5.0 + 7.0 + 8.0);
    }
}
