//! The label beside a feature map.

use crate::{Condition, KernelPath, linear::apply};
use burn::{nn::Linear, tensor::Tensor};
use spec::FeatureMap;

/// The map with a channel for each class weight, the same at all positions.
///
/// # Shapes
/// - `x`: `[n, positions · channels]`
/// - result: `[n, positions · (channels + classes)]`
pub(super) fn planes(condition: &Condition, x: Tensor<2>, map: FeatureMap) -> Tensor<2> {
    let Some(weights) = condition.rows() else {
        return x;
    };
    let planes = weights.unsqueeze_dim::<3>(1).repeat_dim(1, map.positions());
    append(x, map, planes)
}

/// The map with channels that are a linear function of the class weights.
///
/// # Shapes
/// - `layer`: classes to positions · `channels`
/// - `x`: `[n, positions · map.channels]`
/// - result: `[n, positions · (map.channels + channels)]`
pub(super) fn map(
    layer: &Linear,
    condition: &Condition,
    x: Tensor<2>,
    map: FeatureMap,
    channels: usize,
    path: KernelPath,
) -> Tensor<2> {
    let Some(weights) = condition.rows() else {
        return x;
    };
    let n = x.dims()[0];
    let planes = apply(layer, weights, path).reshape([n, map.positions(), channels]);
    append(x, map, planes)
}

/// Further channels, `[n, positions, k]`, after those of the map.
fn append(x: Tensor<2>, map: FeatureMap, planes: Tensor<3>) -> Tensor<2> {
    let n = x.dims()[0];
    let x = x.reshape([n, map.positions(), map.channels]);
    let values = map.values() + planes.dims()[2] * map.positions();
    Tensor::cat(vec![x, planes], 2).reshape([n, values])
}
