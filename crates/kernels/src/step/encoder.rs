//! The encoder's half of a step.

use super::{
    Layer, LayerGradient, StepConfig,
    operation::{self, Operation, Workspace},
    stack::{ForwardCache, Stack},
};
use crate::mlp::{append_columns, leading_columns};

/// The encoder's forward pass, with what the backward pass needs.
pub(super) struct EncoderPass {
    convolutions: Stack,
    convolved: ForwardCache,
    hidden: Stack,
    encoded: ForwardCache,
    n: usize,
    classes: usize,
    /// μ, `[n, latent]`.
    pub(super) mu: Vec<f32>,
    /// log σ², `[n, latent]`, not yet clamped.
    pub(super) log_var: Vec<f32>,
}

impl EncoderPass {
    /// The forward pass of `n` images. `layers` are those of the encoder, the heads for μ and log σ² last.
    pub(super) fn forward<L: Layer>(
        config: &StepConfig,
        layers: &[L],
        x: &[f32],
        n: usize,
        condition: &[f32],
        workspace: &mut Workspace,
    ) -> Self {
        let classes = condition.len() / n;
        let strided = operation::strided(config.convolution.as_ref());
        let heads = layers.len() - 2;
        let [first, last] = [&layers[..strided.len()], &layers[strided.len()..heads]];
        let convolutions = Stack::new(strided, config.activation);
        let convolved = convolutions.forward(first, x.to_vec(), workspace);
        let features = append_columns(convolved.output(), n, condition, classes);
        let hidden = Stack::new(
            vec![Operation::Linear; config.encoder_layers],
            config.activation,
        );
        let encoded = hidden.forward(last, features, workspace);
        let [mu, log_var] = [&layers[heads], &layers[heads + 1]]
            .map(|head| workspace.forward(Operation::Linear, head, encoded.output()));
        Self {
            convolutions,
            convolved,
            hidden,
            encoded,
            n,
            classes,
            mu,
            log_var,
        }
    }

    /// The backward pass, from the gradients for μ and log σ².
    pub(super) fn backward<L: Layer>(
        &self,
        layers: &mut [L],
        [d_mu, d_log_var]: [&[f32]; 2],
        workspace: &mut Workspace,
        on_gradient: &mut impl FnMut(&mut L, LayerGradient<'_>),
    ) {
        let heads = layers.len() - 2;
        let mut d_hidden = Vec::new();
        for (head, delta) in [(heads, d_mu), (heads + 1, d_log_var)] {
            if heads > 0 {
                let d_input = workspace.backward(Operation::Linear, &layers[head], delta);
                if d_hidden.is_empty() {
                    d_hidden = d_input;
                } else {
                    d_hidden
                        .iter_mut()
                        .zip(&d_input)
                        .for_each(|(sum, d_input)| *sum += d_input);
                }
            }
            let gradient = workspace.gradient(Operation::Linear, self.encoded.output(), delta);
            on_gradient(&mut layers[head], gradient);
        }
        let convolutions = self.convolutions.len();
        let d_features = self.hidden.backward(
            &mut layers[convolutions..heads],
            &self.encoded,
            d_hidden,
            convolutions > 0,
            workspace,
            on_gradient,
        );
        if convolutions > 0 {
            let d_features = leading_columns(d_features, self.n, self.classes);
            self.convolutions.backward(
                &mut layers[..convolutions],
                &self.convolved,
                d_features,
                false,
                workspace,
                on_gradient,
            );
        }
    }
}
