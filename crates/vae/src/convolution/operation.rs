//! Convolutions by burn's operations: the reference.

use burn::{
    nn::Linear,
    tensor::{
        Tensor, module,
        ops::{ConvOptions, InterpolateMode, InterpolateOptions},
    },
};
use spec::{ConvolutionConfig, FeatureMap, Sides};

const KERNEL: usize = ConvolutionConfig::KERNEL;

/// As [`strided`](super::strided).
pub(super) fn strided(layer: &Linear, x: Tensor<2>, Sides { outer, inner }: Sides) -> Tensor<2> {
    let x = to_channels_first(x, outer);
    to_rows(convolve(layer, x, 2), inner)
}

/// As [`upsampled`](super::upsampled).
pub(super) fn upsampled(layer: &Linear, x: Tensor<2>, Sides { outer, inner }: Sides) -> Tensor<2> {
    let options = InterpolateOptions::new(InterpolateMode::Nearest)
        .with_output_size([2 * inner.height, 2 * inner.width]);
    let x = module::interpolate(to_channels_first(x, inner), options);
    let y = convolve(layer, x, 1);
    let [n, channels, ..] = y.dims();
    to_rows(
        y.slice([0..n, 0..channels, 0..outer.height, 0..outer.width]),
        outer,
    )
}

fn convolve(layer: &Linear, x: Tensor<4>, stride: usize) -> Tensor<4> {
    let [rows, output] = layer.weight.dims();
    let kernel = [KERNEL, KERNEL, rows / (KERNEL * KERNEL), output];
    let weight = layer.weight.val().reshape(kernel).permute([3, 2, 0, 1]); // [out, in, 3, 3]
    let bias = layer.bias.as_ref().map(|bias| bias.val());
    let options = ConvOptions::new([stride; 2], [1, 1], [1, 1], 1);
    module::conv2d(x, weight, bias, options)
}

/// `[n, height · width · channels]` to `[n, channels, height, width]`.
fn to_channels_first(x: Tensor<2>, map: FeatureMap) -> Tensor<4> {
    let n = x.dims()[0];
    x.reshape([n, map.height, map.width, map.channels])
        .permute([0, 3, 1, 2])
}

/// `[n, channels, height, width]` to `[n, height · width · channels]`.
fn to_rows(x: Tensor<4>, map: FeatureMap) -> Tensor<2> {
    let n = x.dims()[0];
    x.permute([0, 2, 3, 1]).reshape([n, map.values()])
}
