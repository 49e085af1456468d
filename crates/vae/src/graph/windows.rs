//! Convolutions and pools of `[n, channels, height, width]`.

use super::AXES;
use crate::{KernelPath, linear::batched_product};
use burn::tensor::{Int, Tensor, TensorData};
use spec::GraphWindow;

/// A convolution with a weight `[outputs, channels / groups, height, width]`: `[n, outputs, positions]`.
pub(super) fn convolution(
    x: Tensor<AXES>,
    weight: Tensor<AXES>,
    window: &GraphWindow,
    groups: usize,
    path: KernelPath,
) -> Tensor<3> {
    let [.., outputs, of_group, height, width] = weight.dims();
    let taps = height * width;
    let weight = weight
        .reshape([groups, outputs / groups, of_group * taps])
        .swap_dims(1, 2);
    apply(patches(x, window, 0.0), weight, groups, path)
}

/// A transposed convolution with a weight `[channels, outputs / groups, height, width]`: `[n, outputs, positions]`.
pub(super) fn transposed(
    x: Tensor<AXES>,
    weight: Tensor<AXES>,
    window: &GraphWindow,
    groups: usize,
    path: KernelPath,
) -> Tensor<3> {
    let [.., channels, of_group, height, width] = weight.dims();
    let taps = height * width;
    let weight = weight
        .reshape([groups, channels / groups, of_group, taps])
        .swap_dims(2, 3)
        .reshape([groups, channels / groups * taps, of_group]);
    let table = |input: [usize; 2]| {
        table(window, input, |axis, at, tap| {
            let distance = (at + window.padding[axis]).checked_sub(tap * window.dilation[axis])?;
            let stride = window.stride[axis];
            distance.is_multiple_of(stride).then(|| distance / stride)
        })
    };
    apply(select(x, table, window, 0.0), weight, groups, path)
}

/// Patches `[n, channels, positions, taps]` times weights `[groups, channels / groups · taps, outputs / groups]`:
/// `[n, outputs, positions]`.
fn apply(patches: Tensor<4>, weight: Tensor<3>, groups: usize, path: KernelPath) -> Tensor<3> {
    let [n, channels, positions, taps] = patches.dims();
    let [_, inner, of_group] = weight.dims();
    let rows: Tensor<5> = patches
        .reshape([n, groups, channels / groups, positions, taps])
        .permute([1, 0, 3, 2, 4]);
    let rows = rows.reshape([groups, n * positions, inner]);
    batched_product(rows, weight, path)
        .reshape([groups, n, positions, of_group])
        .permute([1, 0, 3, 2])
        .reshape([n, groups * of_group, positions])
}

/// What a window reads: `[n, channels, positions, taps]`.
pub(super) fn patches(x: Tensor<AXES>, window: &GraphWindow, outside: f32) -> Tensor<4> {
    let table = |input: [usize; 2]| {
        table(window, input, |axis, at, tap| {
            let read = at * window.stride[axis] + tap * window.dilation[axis];
            read.checked_sub(window.padding[axis])
        })
    };
    select(x, table, window, outside)
}

/// For each position and tap, the index of a position of the input; the number of positions stands for one outside.
///
/// `read` gives the row (axis 0) or column of the input for a row or column of the result and a tap along the axis.
fn table(
    window: &GraphWindow,
    [height, width]: [usize; 2],
    read: impl Fn(usize, usize, usize) -> Option<usize>,
) -> Vec<i32> {
    let [rows, columns] = window.output;
    let [row_taps, column_taps] = window.kernel;
    let mut indices = Vec::with_capacity(rows * columns * row_taps * column_taps);
    for row in 0..rows {
        for column in 0..columns {
            for row_tap in 0..row_taps {
                let y = read(0, row, row_tap).filter(|&y| y < height);
                for column_tap in 0..column_taps {
                    let x = read(1, column, column_tap).filter(|&x| x < width);
                    indices.push(match (y, x) {
                        (Some(y), Some(x)) => (y * width + x) as i32,
                        _ => (height * width) as i32,
                    });
                }
            }
        }
    }
    indices
}

fn select(
    x: Tensor<AXES>,
    table: impl Fn([usize; 2]) -> Vec<i32>,
    window: &GraphWindow,
    outside: f32,
) -> Tensor<4> {
    let [.., n, channels, height, width] = x.dims();
    let device = x.device();
    let indices = table([height, width]);
    let count = indices.len();
    let indices = Tensor::<1, Int>::from_data(TensorData::new(indices, [count]), &device);
    let border = Tensor::full([n, channels, 1], outside, &device);
    let taps = window.kernel[0] * window.kernel[1];
    Tensor::cat(vec![x.reshape([n, channels, height * width]), border], 2)
        .select(2, indices)
        .reshape([n, channels, count / taps, taps])
}
