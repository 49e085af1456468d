//! Normalization by the values' own mean and variance.

use burn::tensor::Tensor;
use spec::{FeatureMap, Operation};

/// (x − mean) / √(variance + ε) over each group of channels and all positions (Wu & He 2018, equation 1).
///
/// # Shapes
/// - `x`, result: `[n, positions · channels]`
pub(super) fn group_norm(x: Tensor<2>, map: FeatureMap, groups: usize) -> Tensor<2> {
    let n = x.dims()[0];
    let x = x.reshape([n, map.positions(), groups, map.channels / groups]);
    let mean = |x: Tensor<4>| x.mean_dim(3).mean_dim(1); // [n, 1, groups, 1]
    let centered = x.clone() - mean(x);
    let variance = mean(centered.clone() * centered.clone());
    let normalized = centered / (variance + Operation::NORM_EPSILON).sqrt();
    normalized.reshape([n, map.values()])
}
