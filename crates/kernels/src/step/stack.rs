//! A stack of hidden layers.

use super::{
    Layer, LayerGradient,
    operation::{Operation, Workspace},
};
use crate::activation::{activate_with_derivative, activation_backward};
use spec::Activation;

/// The layers between two ends of a network, each followed by the activation.
pub(super) struct Stack {
    operations: Vec<Operation>,
    activation: Activation,
}

/// What the backward pass needs of a stack.
pub(super) struct ForwardCache {
    /// The input of each layer, and last the output of the stack.
    inputs: Vec<Vec<f32>>,
    /// The activation's derivatives at each layer.
    derivatives: Vec<Vec<f32>>,
}

impl ForwardCache {
    pub(super) fn output(&self) -> &[f32] {
        self.inputs.last().map_or(&[], Vec::as_slice)
    }
}

impl Stack {
    pub(super) fn new(operations: Vec<Operation>, activation: Activation) -> Self {
        Self {
            operations,
            activation,
        }
    }

    /// The number of layers.
    pub(super) fn len(&self) -> usize {
        self.operations.len()
    }

    /// The forward pass.
    pub(super) fn forward<L: Layer>(
        &self,
        layers: &[L],
        input: Vec<f32>,
        workspace: &mut Workspace,
    ) -> ForwardCache {
        let mut cache = ForwardCache {
            inputs: vec![input],
            derivatives: Vec::new(),
        };
        for (&operation, layer) in self.operations.iter().zip(layers) {
            let mut values = workspace.forward(operation, layer, cache.output());
            let mut derivatives = vec![0.0; values.len()];
            activate_with_derivative(self.activation, &mut values, &mut derivatives);
            cache.inputs.push(values);
            cache.derivatives.push(derivatives);
        }
        cache
    }

    /// The backward pass, from the gradient for the output of the stack. Returns the gradient for its input if
    /// `needs_input`, otherwise nothing.
    pub(super) fn backward<L: Layer>(
        &self,
        layers: &mut [L],
        cache: &ForwardCache,
        mut delta: Vec<f32>,
        needs_input: bool,
        workspace: &mut Workspace,
        on_gradient: &mut impl FnMut(&mut L, LayerGradient<'_>),
    ) -> Vec<f32> {
        let layers = self.operations.iter().zip(layers).enumerate().rev();
        for (index, (&operation, layer)) in layers {
            activation_backward(&mut delta, &cache.derivatives[index]);
            let d_input = if index > 0 || needs_input {
                workspace.backward(operation, layer, &delta)
            } else {
                Vec::new()
            };
            let gradient = workspace.gradient(operation, &cache.inputs[index], &delta);
            on_gradient(layer, gradient);
            delta = d_input;
        }
        delta
    }
}
