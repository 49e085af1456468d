//! Networks of imported models: sequences of operations on tensors.
//!
//! Feature maps are rows of `[height, width, channels]`. The weight of a convolution is that of the linear layer that maps
//! a patch of its input to one position of its output, as in [`convolution`](crate::convolution): `[taps · in, out]`.
//! Patches of convolutions with any stride and padding, and of transposed ones, are one selection of positions by a table
//! of indices, so that there is one path for all backends, and gradients follow from the selection.

mod activation;
mod group_norm;
mod label;
mod patches;

use crate::{
    Condition, KernelPath,
    linear::{Init, apply, product},
};
use activation::activate;
pub(crate) use activation::softplus;
use burn::{
    nn::Linear,
    tensor::{Device, Int, Tensor, TensorData},
};
use group_norm::group_norm;
use patches::{PositionTable, pooled, transposed, upsampled, windows};
use spec::{FeatureMap, Operation};

/// The most values of patches that are computed at once: larger batches are divided.
const MAX_PATCH_VALUES: usize = 1 << 24;

/// Layers for weights of these shapes, `[out, in]` or `[out, in, height, width]`.
pub(crate) fn layers(shapes: &[Vec<usize>], init: &mut Init, device: &Device) -> Vec<Linear> {
    shapes
        .iter()
        .map(|shape| init.linear(shape[1..].iter().product(), shape[0], device))
        .collect()
}

/// The result of a sequence of operations: `[n, values]`.
///
/// `layers` are those with weights, in order.
///
/// # Shapes
/// - `x`: `[n, input]`
/// - `condition`: `[n, classes]`; empty for an unconditional model
///
/// # Panics
/// If the configuration was not validated, or `x` or the condition does not fit it.
pub(crate) fn forward(
    operations: &[Operation],
    input: FeatureMap,
    layers: &[&Linear],
    x: Tensor<2>,
    condition: &Condition,
    path: KernelPath,
) -> Tensor<2> {
    let n = x.dims()[0];
    let rows = rows_at_once(operations, input, condition.classes());
    if n <= rows {
        return run(operations, input, layers, x, condition, path);
    }
    let parts = (0..n).step_by(rows).map(|start| {
        let range = start..n.min(start + rows);
        let part = x.clone().slice([range.clone()]);
        let condition = condition.rows_in(range);
        run(operations, input, layers, part, &condition, path)
    });
    Tensor::cat(parts.collect(), 0)
}

/// Rows whose patches have at most [`MAX_PATCH_VALUES`] values.
fn rows_at_once(operations: &[Operation], mut map: FeatureMap, classes: usize) -> usize {
    let mut most = 1;
    for operation in operations {
        let Ok(output) = operation.output(map, classes) else {
            break;
        };
        most = most.max(operation.patch_values(map, output));
        map = output;
    }
    (MAX_PATCH_VALUES / most).max(1)
}

fn run(
    operations: &[Operation],
    input: FeatureMap,
    layers: &[&Linear],
    x: Tensor<2>,
    condition: &Condition,
    path: KernelPath,
) -> Tensor<2> {
    let mut layers = layers.iter();
    let mut next = || *layers.next().expect("a layer for each weight");
    let classes = condition.classes();
    let (mut x, mut map) = (x, input);
    for operation in operations {
        let output = operation.output(map, classes).expect("validated");
        x = match operation {
            Operation::Label => condition.append_to(x),
            Operation::LabelPlanes => label::planes(condition, x, map),
            Operation::LabelMap { channels } => {
                label::map(next(), condition, x, map, *channels, path)
            }
            Operation::Linear { .. } => apply(next(), x, path),
            Operation::Convolution { window, .. } => {
                convolve(next(), x, map, output, &windows(*window, map, output), path)
            }
            Operation::TransposedConvolution { window, .. } => convolve(
                next(),
                x,
                map,
                output,
                &transposed(*window, map, output),
                path,
            ),
            Operation::Affine => affine(next(), x, map),
            Operation::GroupNorm { groups } => {
                let normalized = group_norm(x, map, *groups);
                affine(next(), normalized, map)
            }
            Operation::Activation(kind) => activate(*kind, x, path),
            Operation::MaxPool(window) => {
                let table = windows(*window, map, output);
                pooled(x, map, &table, f32::MIN, |patches| patches.max_dim(2))
            }
            Operation::AveragePool(window) => {
                let table = windows(*window, map, output);
                pooled(x, map, &table, 0.0, |patches| patches.mean_dim(2))
            }
            Operation::Upsample { factor } => {
                select(x, map, &upsampled(*factor, map), 0.0).reshape([-1, output.values() as i32])
            }
            Operation::Reshape { .. } => x,
        };
        map = output;
    }
    x
}

/// The patches of each position of the result times the weight.
fn convolve(
    layer: &Linear,
    x: Tensor<2>,
    map: FeatureMap,
    output: FeatureMap,
    table: &PositionTable,
    path: KernelPath,
) -> Tensor<2> {
    let n = x.dims()[0];
    let patches = select(x, map, table, 0.0);
    let patches = patches.reshape([n * output.positions(), table.taps * map.channels]);
    let bias = layer.bias.as_ref().map_or_else(
        || Tensor::zeros([output.channels], &patches.device()),
        |bias| bias.val(),
    );
    let y = product(&layer.weight.val(), bias, patches, path);
    y.reshape([n, output.values()])
}

/// A factor and a shift for each channel. The weight is `[1, channels]`.
fn affine(layer: &Linear, x: Tensor<2>, map: FeatureMap) -> Tensor<2> {
    let n = x.dims()[0];
    let scaled = x.reshape([n * map.positions(), map.channels]) * layer.weight.val();
    let shifted = match &layer.bias {
        Some(bias) => scaled + bias.val().unsqueeze(),
        None => scaled,
    };
    shifted.reshape([n, map.values()])
}

/// The values at the table's positions, `[n, positions · taps, channels]`; `outside` where a position is outside the map.
fn select(x: Tensor<2>, map: FeatureMap, table: &PositionTable, outside: f32) -> Tensor<3> {
    let n = x.dims()[0];
    let device = x.device();
    let x = x.reshape([n, map.positions(), map.channels]);
    let border = Tensor::full([n, 1, map.channels], outside, &device);
    let indices = TensorData::new(table.indices.clone(), [table.indices.len()]);
    let indices = Tensor::<1, Int>::from_data(indices, &device);
    Tensor::cat(vec![x, border], 1).select(1, indices)
}
