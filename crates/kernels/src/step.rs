//! One training step of a VAE: forward pass, loss, and backpropagation.
//!
//! It computes what automatic differentiation would, without recording a graph and without temporaries.

mod operation;
mod stack;

use crate::{
    latent::LatentLayer,
    likelihood::{LogProb, log_prob_with_gradient},
    mlp::{append_columns, leading_columns},
};
use operation::{Operation, Workspace};
use spec::{Activation, ConvolutionConfig, Likelihood};
use stack::Stack;

/// What a step needs to know of a model beside its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct StepConfig {
    /// The convolutions; `None` for a multilayer perceptron.
    pub convolution: Option<ConvolutionConfig>,
    /// Fully connected hidden layers of the encoder.
    pub encoder_layers: usize,
    /// The nonlinearity after each hidden layer.
    pub activation: Activation,
    /// p(x|z).
    pub likelihood: Likelihood,
    /// β, the weight of the KL divergence in the loss.
    pub beta: f64,
}

/// The parameters of a linear layer, or of a 3×3 convolution as the linear layer of its patches.
pub trait Layer {
    /// `[inputs, outputs]`; of a convolution `[9 · in, out]`.
    fn weight(&self) -> &[f32];
    /// `[outputs]`, for a layer with a bias.
    fn bias(&self) -> Option<&[f32]>;
}

/// The images of a step, or a shard of them.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Images; at least 1.
    pub n: usize,
    /// The number of images over which the loss is averaged: `n`, or the size of the whole batch for a shard.
    pub loss_images: usize,
    /// `[n, input]`.
    pub x: &'a [f32],
    /// Class weights, `[n, classes]`; empty for an unconditional model.
    pub condition: &'a [f32],
    /// `[n, latent]`, standard normal.
    pub eps: &'a [f32],
}

impl<'a> Batch<'a> {
    /// Splits the batch into its first `n` images and the others.
    pub fn split_at(&self, n: usize) -> [Self; 2] {
        let split = |values: &'a [f32]| values.split_at(values.len() / self.n * n);
        let [x, condition, eps] = [self.x, self.condition, self.eps].map(split);
        let shard = |n, x, condition, eps| Self {
            n,
            loss_images: self.loss_images,
            x,
            condition,
            eps,
        };
        [
            shard(n, x.0, condition.0, eps.0),
            shard(self.n - n, x.1, condition.1, eps.1),
        ]
    }
}

/// The loss's gradients for the parameters of a layer.
#[derive(Debug, Clone, Copy)]
pub struct LayerGradient<'a> {
    /// As [`Layer::weight`].
    pub weight: &'a [f32],
    /// `[outputs]`.
    pub bias: &'a [f32],
}

/// The two terms of the ELBO, in nats.
#[derive(Debug, Clone, PartialEq)]
pub struct ElboTerms {
    /// log p(x|z) of each image, `[n]`.
    pub reconstruction: Vec<f32>,
    /// KL(q(z|x) ‖ p(z)) of each image and dimension, `[n, latent]`.
    pub kl: Vec<f32>,
    /// As [`LogProb::d_log_scale`].
    pub d_log_scale: Vec<f32>,
}

/// A forward and a backward pass for the loss, the batch's mean of −log p(x|z) + β·KL. Returns the terms of the ELBO.
///
/// `on_gradient` receives each layer with its gradient as soon as the backward pass no longer reads the layer's
/// parameters, so that it can update them at once; the gradient's memory is reused for the next layer.
///
/// # Shapes
/// - `layers`: the encoder's convolutions and hidden layers, its heads for μ and log σ², the decoder's hidden layers, its
///   convolutions but the last, its output layer
///
/// # Panics
/// If the sizes of layers and batch do not match.
pub fn forward_backward<L: Layer>(
    config: &StepConfig,
    layers: &mut [L],
    batch: &Batch<'_>,
    mut on_gradient: impl FnMut(&mut L, LayerGradient<'_>),
) -> ElboTerms {
    let n = batch.n;
    let classes = batch.condition.len() / n;
    let strided = operation::strided(config.convolution.as_ref());
    let upsampled = operation::upsampled(config.convolution.as_ref());
    let hidden = strided.len();
    let mu = hidden + config.encoder_layers;
    let log_var = mu + 1;
    let decoder_layers = layers.len() - (log_var + 1) - upsampled.len();
    let decoder_operations = [&vec![Operation::Linear; decoder_layers], &upsampled[..]].concat();
    let mut workspace = Workspace::new(n);

    let convolutions = Stack::new(strided, config.activation);
    let convolved = convolutions.forward(&layers[..hidden], batch.x.to_vec(), &mut workspace);
    let features = append_columns(convolved.output(), n, batch.condition, classes);
    let encoder = Stack::new(
        vec![Operation::Linear; config.encoder_layers],
        config.activation,
    );
    let encoded = encoder.forward(&layers[hidden..mu], features, &mut workspace);
    let [mu_values, log_var_values] = [mu, log_var]
        .map(|head| workspace.forward(Operation::Linear, &layers[head], encoded.output()));
    let latent = LatentLayer {
        mu: &mu_values,
        log_var: &log_var_values,
        eps: batch.eps,
    };
    let (z, kl) = latent.reparameterize();
    let (latent_size, z_width) = (z.len() / n, z.len() / n + classes);
    let z = append_columns(&z, n, batch.condition, classes);
    // The output layer has no activation.
    let (last, decoder_hidden) = decoder_operations.split_last().expect("an output layer");
    let decoder = Stack::new(decoder_hidden.to_vec(), config.activation);
    let output = layers.len() - 1;
    let decoded = decoder.forward(&layers[log_var + 1..output], z, &mut workspace);
    let mut delta = workspace.forward(*last, &layers[output], decoded.output());
    let LogProb {
        per_image: reconstruction,
        d_log_scale,
    } = log_prob_with_gradient(
        config.likelihood,
        &mut delta,
        batch.x,
        batch.x.len() / n,
        n,
        batch.loss_images,
    );

    let d_hidden = workspace.backward(*last, &layers[output], &delta);
    let gradient = workspace.gradient(*last, decoded.output(), &delta);
    on_gradient(&mut layers[output], gradient);
    let delta = decoder.backward(
        &mut layers[log_var + 1..output],
        &decoded,
        d_hidden,
        true,
        &mut workspace,
        &mut on_gradient,
    );
    let kl_weight = (config.beta / batch.loss_images as f64) as f32;
    let (d_mu, d_log_var) = latent.backward(&delta, z_width, latent_size, kl_weight);
    let mut d_hidden = Vec::new();
    for (head, delta) in [(mu, &d_mu), (log_var, &d_log_var)] {
        if mu > 0 {
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
        let gradient = workspace.gradient(Operation::Linear, encoded.output(), delta);
        on_gradient(&mut layers[head], gradient);
    }
    let d_features = encoder.backward(
        &mut layers[hidden..mu],
        &encoded,
        d_hidden,
        hidden > 0,
        &mut workspace,
        &mut on_gradient,
    );
    if hidden > 0 {
        let d_features = leading_columns(d_features, n, classes);
        convolutions.backward(
            &mut layers[..hidden],
            &convolved,
            d_features,
            false,
            &mut workspace,
            &mut on_gradient,
        );
    }
    ElboTerms {
        reconstruction,
        kl,
        d_log_scale,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct TestLayer {
        weight: Vec<f32>,
        bias: Vec<f32>,
    }

    impl Layer for TestLayer {
        fn weight(&self) -> &[f32] {
            &self.weight
        }

        fn bias(&self) -> Option<&[f32]> {
            Some(&self.bias)
        }
    }

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * 37 + seed * 11) % 101) as f32 / 100.0 - 0.5)
            .collect()
    }

    const N: usize = 6;
    const CLASSES: usize = 2;
    /// Inputs and outputs of each layer of a conditional model with 5 pixels and 2 latent dimensions.
    const SIZES: [[usize; 2]; 5] = [[5 + CLASSES, 4], [4, 2], [4, 2], [2 + CLASSES, 4], [4, 5]];

    fn loss(config: &StepConfig, layers: &[TestLayer], batch: &Batch<'_>) -> f64 {
        let elbo = forward_backward(config, &mut layers.to_vec(), batch, |_, _| {});
        let sum = |values: &[f32]| values.iter().copied().map(f64::from).sum::<f64>();
        (config.beta * sum(&elbo.kl) - sum(&elbo.reconstruction)) / N as f64
    }

    #[test]
    fn forward_backward_agrees_with_finite_differences() {
        let x: Vec<f32> = values(N * 5, 1).iter().map(|x| x + 0.5).collect();
        let condition: Vec<f32> = (0..N).flat_map(|i| [(i % 2) as f32, 0.5]).collect();
        let eps = values(N * 2, 2);
        let batch = Batch {
            n: N,
            loss_images: N,
            x: &x,
            condition: &condition,
            eps: &eps,
        };
        let layers: Vec<TestLayer> = (0..)
            .zip(SIZES)
            .map(|(seed, [inputs, outputs])| TestLayer {
                weight: values(inputs * outputs, seed),
                bias: values(outputs, seed + 50),
            })
            .collect();
        for activation in [Activation::Gelu, Activation::Silu, Activation::Tanh] {
            for likelihood in Likelihood::of_each_kind(0.5) {
                let config = StepConfig {
                    convolution: None,
                    encoder_layers: 1,
                    activation,
                    likelihood,
                    beta: 0.7,
                };
                // A layer's gradient replaces its parameters.
                let mut gradients = layers.clone();
                forward_backward(&config, &mut gradients, &batch, |layer, gradient| {
                    layer.weight = gradient.weight.to_vec();
                    layer.bias = gradient.bias.to_vec();
                });
                for (index, gradient) in gradients.iter().enumerate() {
                    let bias = gradient.weight.len();
                    for parameter in [0, bias / 2, bias] {
                        const H: f32 = 1.0 / 128.0;
                        let shifted = |by: f32| {
                            let mut layers = layers.clone();
                            let TestLayer { weight, bias } = &mut layers[index];
                            *weight
                                .iter_mut()
                                .chain(bias)
                                .nth(parameter)
                                .expect("in range") += by;
                            loss(&config, &layers, &batch)
                        };
                        let expected = (shifted(H) - shifted(-H)) / f64::from(2.0 * H);
                        let all = gradient.weight.iter().chain(&gradient.bias);
                        let found = f64::from(*all.clone().nth(parameter).expect("in range"));
                        assert!(
                            (found - expected).abs() < 2e-3 * expected.abs().max(1.0),
                            "{activation:?}, {likelihood}, layer {index}: {found}, not {expected}"
                        );
                    }
                }
            }
        }
    }
}
