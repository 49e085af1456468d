//! The weights of a sequence of operations.

use super::Operation;
use crate::FeatureMap;

/// The shape of each weight: `[out, in]`, `[out, in, height, width]` for convolutions, `[channels, 1]` for an affine
/// operation and a normalization, `[positions · channels, classes]` for a map of the label. Operations after one that does not fit are left out; validate first.
pub(super) fn weight_shapes(
    operations: &[Operation],
    mut map: FeatureMap,
    classes: usize,
) -> Vec<Vec<usize>> {
    let mut shapes = Vec::new();
    for operation in operations {
        let shape = match operation {
            Operation::Linear { outputs } => Some(vec![*outputs, map.values()]),
            Operation::Convolution { outputs, window }
            | Operation::TransposedConvolution {
                outputs, window, ..
            } => {
                let [height, width] = window.kernel;
                Some(vec![*outputs, map.channels, height, width])
            }
            Operation::Affine | Operation::GroupNorm { .. } => Some(vec![map.channels, 1]),
            Operation::LabelMap { channels } => Some(vec![map.positions() * channels, classes]),
            Operation::Label
            | Operation::LabelPlanes
            | Operation::Activation(_)
            | Operation::MaxPool(_)
            | Operation::AveragePool(_)
            | Operation::Upsample { .. }
            | Operation::Reshape { .. } => None,
        };
        shapes.extend(shape);
        match operation.output(map, classes) {
            Ok(output) => map = output,
            Err(_) => break,
        }
    }
    shapes
}
