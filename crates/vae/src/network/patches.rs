//! Tables of the positions that windows read.

use super::select;
use burn::tensor::Tensor;
use spec::{FeatureMap, Window};

/// For each position of a result and each tap of its window, the index of a position of the input; the number of the
/// input's positions stands for a position outside.
pub(super) struct PositionTable {
    pub(super) indices: Vec<i32>,
    /// Positions of a window.
    pub(super) taps: usize,
}

/// A table, given the row or column of the input for each row or column of the result and each tap along an axis;
/// `None` outside.
fn table(
    input: FeatureMap,
    output: FeatureMap,
    kernel: [usize; 2],
    read: impl Fn(usize, usize, usize) -> Option<usize>,
) -> PositionTable {
    let outside = input.positions() as i32;
    let mut indices = Vec::with_capacity(output.positions() * kernel[0] * kernel[1]);
    for row in 0..output.height {
        for column in 0..output.width {
            for row_tap in 0..kernel[0] {
                let y = read(0, row, row_tap).filter(|&y| y < input.height);
                for column_tap in 0..kernel[1] {
                    let x = read(1, column, column_tap).filter(|&x| x < input.width);
                    indices.push(match (y, x) {
                        (Some(y), Some(x)) => (y * input.width + x) as i32,
                        _ => outside,
                    });
                }
            }
        }
    }
    PositionTable {
        indices,
        taps: kernel[0] * kernel[1],
    }
}

/// What a convolution reads: position `i` of the result, tap `k`, reads `i · stride + k − padding`.
pub(super) fn windows(window: Window, input: FeatureMap, output: FeatureMap) -> PositionTable {
    table(input, output, window.kernel, |axis, at, tap| {
        (at * window.stride[axis] + tap).checked_sub(window.padding[axis])
    })
}

/// What a transposed convolution reads: input `j` adds its tap `k` to position `j · stride + k − padding` of the result.
pub(super) fn transposed(window: Window, input: FeatureMap, output: FeatureMap) -> PositionTable {
    table(input, output, window.kernel, |axis, at, tap| {
        let distance = (at + window.padding[axis]).checked_sub(tap)?;
        let stride = window.stride[axis];
        distance.is_multiple_of(stride).then(|| distance / stride)
    })
}

/// What nearest-neighbour upsampling reads.
pub(super) fn upsampled(factor: usize, input: FeatureMap) -> PositionTable {
    let output = FeatureMap {
        height: input.height * factor,
        width: input.width * factor,
        ..input
    };
    table(input, output, [1, 1], |_, at, _| Some(at / factor))
}

/// Each window reduced over its taps, axis 2 of `[n, positions, taps, channels]`.
pub(super) fn pooled(
    x: Tensor<2>,
    map: FeatureMap,
    table: &PositionTable,
    outside: f32,
    reduce: impl Fn(Tensor<4>) -> Tensor<4>,
) -> Tensor<2> {
    let n = x.dims()[0];
    let positions = table.indices.len() / table.taps;
    let patches = select(x, map, table, outside);
    let reduced = reduce(patches.reshape([n, positions, table.taps, map.channels]));
    reduced.reshape([n, positions * map.channels])
}
