//! Operations with their weights, and normalizations that are folded into the next linear layer.

use crate::{matrix::Matrix, norm::Norm};
use spec::{FeatureMap, ImageShape, Operation};

/// Operations, and the weights of those that have some, with the names of their layers in the file.
pub(super) struct Sequence {
    pub(super) operations: Vec<Operation>,
    pub(super) weights: Vec<(String, Matrix)>,
    /// Channels of the current map; of a vector that was not one, 1.
    pub(super) channels: usize,
    /// Whether the normalization at the end was folded into what reads it.
    folded: bool,
}

impl Sequence {
    pub(super) fn new(channels: usize) -> Self {
        Self {
            operations: Vec::new(),
            weights: Vec::new(),
            channels,
            folded: false,
        }
    }

    pub(super) fn push(&mut self, operation: Operation) {
        self.operations.push(operation);
    }

    pub(super) fn push_layer(&mut self, operation: Operation, name: &str, matrix: Matrix) {
        self.operations.push(operation);
        self.weights.push((name.to_owned(), matrix));
    }

    /// Adds a linear layer. `positions` are those of the map that it reads, if it reads one.
    pub(super) fn push_linear(&mut self, name: &str, mut matrix: Matrix, positions: Option<usize>) {
        self.align(&mut matrix, positions);
        self.drop_folded();
        self.channels = 1;
        let outputs = matrix.outputs();
        self.push_layer(Operation::Linear { outputs }, name, matrix);
    }

    /// Adds a normalization. `groups` are those of a group normalization.
    pub(super) fn push_norm(&mut self, norm: &Norm, groups: usize) {
        let matrix = Matrix::new(
            vec![norm.factor.len(), 1],
            norm.factor.clone(),
            Some(norm.shift.clone()),
        );
        let operation = match norm.is_computed {
            true => Operation::GroupNorm { groups },
            false => Operation::Affine,
        };
        self.push_layer(operation, &norm.name, matrix);
    }

    /// The map after the operations on an image; `None` if one does not fit.
    pub(super) fn map(&self, image: ImageShape, classes: usize) -> Option<FeatureMap> {
        let start = FeatureMap {
            height: image.height,
            width: image.width,
            channels: image.channels,
        };
        let mut operations = self.operations.iter();
        operations.try_fold(start, |map, operation| operation.output(map, classes).ok())
    }

    /// Reorders the inputs of a linear layer that reads the sequence, and folds in a normalization at its end.
    pub(super) fn align(&mut self, matrix: &mut Matrix, positions: Option<usize>) {
        if let Some(positions) = positions {
            matrix.inputs_by_position(self.channels, positions);
        }
        if let (Some(Operation::Affine), Some((_, norm))) =
            (self.operations.last(), self.weights.last())
        {
            let inputs = matrix.inputs();
            matrix.scale_inputs(&norm.values, &norm.bias, inputs);
            self.folded = true;
        }
    }

    /// Removes a normalization that all its readers contain.
    pub(super) fn drop_folded(&mut self) {
        if std::mem::take(&mut self.folded) {
            self.operations.pop();
            self.weights.pop();
        }
    }
}
