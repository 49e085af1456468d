//! The decoder's half of a step.

use super::{
    Layer, LayerGradient, StepConfig,
    operation::{self, Operation, Workspace},
    stack::{ForwardCache, Stack},
};

/// The decoder's forward pass, with what the backward pass needs.
pub(super) struct DecoderPass {
    hidden: Stack,
    cache: ForwardCache,
    /// The output layer, which has no activation.
    last: Operation,
}

impl DecoderPass {
    /// The forward pass of rows of z with their condition. Returns the decoder's output, too. `layers` are those of the
    /// decoder, the output layer last.
    pub(super) fn forward<L: Layer>(
        config: &StepConfig,
        layers: &[L],
        z: Vec<f32>,
        workspace: &mut Workspace,
    ) -> (Self, Vec<f32>) {
        let upsampled = operation::upsampled(config.convolution.as_ref());
        let linear = vec![Operation::Linear; layers.len() - upsampled.len()];
        let operations = [linear, upsampled].concat();
        let (&last, hidden) = operations.split_last().expect("an output layer");
        let (output, hidden_layers) = layers.split_last().expect("an output layer");
        let hidden = Stack::new(hidden.to_vec(), config.activation);
        let cache = hidden.forward(hidden_layers, z, workspace);
        let values = workspace.forward(last, output, cache.output());
        let pass = Self {
            hidden,
            cache,
            last,
        };
        (pass, values)
    }

    /// The backward pass, from the gradient for the output. Returns the gradient for the input if `needs_input`,
    /// otherwise nothing.
    pub(super) fn backward<L: Layer>(
        &self,
        layers: &mut [L],
        delta: &[f32],
        needs_input: bool,
        workspace: &mut Workspace,
        on_gradient: &mut impl FnMut(&mut L, LayerGradient<'_>),
    ) -> Vec<f32> {
        let (output, hidden_layers) = layers.split_last_mut().expect("an output layer");
        let d_hidden = if needs_input || !hidden_layers.is_empty() {
            workspace.backward(self.last, output, delta)
        } else {
            Vec::new()
        };
        let gradient = workspace.gradient(self.last, self.cache.output(), delta);
        on_gradient(output, gradient);
        self.hidden.backward(
            hidden_layers,
            &self.cache,
            d_hidden,
            needs_input,
            workspace,
            on_gradient,
        )
    }
}
