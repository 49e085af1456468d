//! Convolutions as matrix products of patches.

use crate::{KernelPath, linear::product};
use burn::{nn::Linear, tensor::Tensor};
use spec::{ConvolutionConfig, FeatureMap, Sides};

const KERNEL: usize = ConvolutionConfig::KERNEL;

/// As [`strided`](super::strided): each 3×3 patch times the weight.
pub(super) fn strided(
    layer: &Linear,
    x: Tensor<2>,
    Sides { outer, inner }: Sides,
    path: KernelPath,
) -> Tensor<2> {
    let n = x.dims()[0];
    let (height, width) = (inner.height + 1, inner.width + 1);
    // Even and odd rows and columns as axes of their own: row 2y + ky of the padded map is [y + ky / 2, ky % 2].
    let after = [2 * height - outer.height - 1, 2 * width - outer.width - 1];
    let padded = pad(x, outer, after).reshape([n, height, 2, width, 2, outer.channels]);
    let taps = (0..KERNEL).flat_map(|row| (0..KERNEL).map(move |column| (row, column)));
    let patches = taps.map(|(row, column)| {
        padded
            .clone()
            .slice([
                0..n,
                row / 2..row / 2 + inner.height,
                row % 2..row % 2 + 1,
                column / 2..column / 2 + inner.width,
                column % 2..column % 2 + 1,
                0..outer.channels,
            ])
            .reshape([n * inner.positions(), outer.channels])
    });
    let patches = Tensor::cat(patches.collect(), 1); // [n · positions, 9 · in]
    let y = product(&layer.weight.val(), layer_bias(layer), patches, path);
    y.reshape([n, inner.values()])
}

/// As [`upsampled`](super::upsampled), without upsampling: a 3×3 patch of the upsampled map covers 2×2 positions of the
/// map itself, so each of the four outputs at a position is the product of one 2×2 window with sums of the weight's rows
/// (the sub-pixel convolution of Shi et al. 2016).
pub(super) fn upsampled(
    layer: &Linear,
    x: Tensor<2>,
    Sides { outer, inner }: Sides,
    path: KernelPath,
) -> Tensor<2> {
    let n = x.dims()[0];
    let (height, width) = (inner.height + 1, inner.width + 1);
    let padded = pad(x, inner, [1, 1]);
    let corners = [(0, 0), (0, 1), (1, 0), (1, 1)];
    let windows = corners.map(|(row, column)| {
        padded
            .clone()
            .slice([
                0..n,
                row..row + height,
                column..column + width,
                0..inner.channels,
            ])
            .reshape([n * height * width, inner.channels])
    });
    let windows = Tensor::cat(windows.to_vec(), 1); // [n · windows, 4 · in]
    let bias = Tensor::cat(vec![layer_bias(layer); 4], 0); // [4 · out]
    let weight = window_weight(&layer.weight.val(), inner.channels, outer.channels);
    let y = product(&weight, bias, windows, path);
    let y = y.reshape([n, height, width, 4, outer.channels]);
    // The output of odd rows reads the window below, that of odd columns the one to the right.
    let phases = (0..4).map(|phase| {
        let (row, column) = corners[phase];
        y.clone()
            .slice([
                0..n,
                row..row + inner.height,
                column..column + inner.width,
                phase..phase + 1,
                0..outer.channels,
            ])
            .reshape([n, inner.height, inner.width, outer.channels])
    });
    let [top_left, top_right, bottom_left, bottom_right]: [Tensor<4>; 4] =
        phases.collect::<Vec<_>>().try_into().expect("four phases");
    let row = |left: Tensor<4>, right: Tensor<4>| {
        // [n, height, 1, width, 2 · channels]: left and right alternate along a row.
        let row = Tensor::cat(vec![left, right], 3);
        row.reshape([n, inner.height, 1, inner.width * 2 * outer.channels])
    };
    let rows = vec![row(top_left, top_right), row(bottom_left, bottom_right)];
    let y = Tensor::cat(rows, 2).reshape([n, 2 * inner.height, 2 * inner.width, outer.channels]);
    y.slice([0..n, 0..outer.height, 0..outer.width, 0..outer.channels])
        .reshape([n, outer.values()])
}

/// The weight of the four outputs at a position for a 2×2 window, `[4 · in, 4 · out]`, from that of a 3×3 patch.
fn window_weight(weight: &Tensor<2>, input: usize, output: usize) -> Tensor<2> {
    // Along an axis, the even output reads its kernel's row 0 from the first window row and rows 1 and 2 from the second;
    // the odd output reads rows 0 and 1 from the first and row 2 from the second.
    const ROWS: [[std::ops::Range<usize>; 2]; 2] = [[0..1, 1..3], [0..2, 2..3]];
    let kernel = weight.clone().reshape([KERNEL, KERNEL, input, output]);
    let sum = |rows: &std::ops::Range<usize>, columns: &std::ops::Range<usize>| {
        kernel
            .clone()
            .slice([rows.clone(), columns.clone(), 0..input, 0..output])
            .sum_dim(0)
            .sum_dim(1)
            .reshape([input, output])
    };
    let window_rows = (0..4).map(|tap| {
        let phases = (0..4).map(|phase| {
            let (row, column) = (&ROWS[phase / 2][tap / 2], &ROWS[phase % 2][tap % 2]);
            sum(row, column)
        });
        Tensor::cat(phases.collect(), 1)
    });
    Tensor::cat(window_rows.collect(), 0)
}

/// The map with a border of zeros: one row above and one column to the left, and as many as given below and to the
/// right.
fn pad(x: Tensor<2>, map: FeatureMap, [below, right]: [usize; 2]) -> Tensor<4> {
    let n = x.dims()[0];
    let device = x.device();
    let x = x.reshape([n, map.height, map.width, map.channels]);
    let columns = |count| Tensor::zeros([n, map.height, count, map.channels], &device);
    let x = Tensor::cat(vec![columns(1), x, columns(right)], 2);
    let width = map.width + 1 + right;
    let rows = |count| Tensor::zeros([n, count, width, map.channels], &device);
    Tensor::cat(vec![rows(1), x, rows(below)], 1)
}

fn layer_bias(layer: &Linear) -> Tensor<1> {
    match &layer.bias {
        Some(bias) => bias.val(),
        None => Tensor::zeros([layer.weight.dims()[1]], &layer.weight.val().device()),
    }
}
