//! One training step of a VAE: forward pass, loss, and backpropagation.
//!
//! It computes what automatic differentiation would, without recording a graph and without temporaries.

use crate::{
    activation::{activate_with_derivative, activation_backward},
    gemm::{MatrixRef, PackedRhs, SparseLhs, gemm, gemm_nt},
    latent::LatentLayer,
    likelihood::log_prob_with_gradient,
    mlp::append_columns,
};
use spec::{Activation, Likelihood};

/// What a step needs to know of a model beside its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepConfig {
    /// Hidden layers of the encoder.
    pub encoder_layers: usize,
    /// The nonlinearity after each hidden layer.
    pub activation: Activation,
    /// p(x|z).
    pub likelihood: Likelihood,
    /// β, the weight of the KL divergence in the loss.
    pub beta: f64,
}

/// The parameters of a linear layer.
pub trait Layer {
    /// `[inputs, outputs]`.
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
    /// `[inputs, outputs]`.
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
}

/// A forward and a backward pass for the loss, the batch's mean of −log p(x|z) + β·KL. Returns the terms of the ELBO.
///
/// `on_gradient` receives each layer with its gradient as soon as the backward pass no longer reads the layer's
/// parameters, so that it can update them at once; the gradient's memory is reused for the next layer.
///
/// # Shapes
/// - `layers`: the encoder's hidden layers, its heads for μ and log σ², the decoder's hidden layers, its output layer
///
/// # Panics
/// If the sizes of layers and batch do not match.
pub fn forward_backward<L: Layer>(
    config: StepConfig,
    layers: &mut [L],
    batch: &Batch<'_>,
    mut on_gradient: impl FnMut(&mut L, LayerGradient<'_>),
) -> ElboTerms {
    let n = batch.n;
    let classes = batch.condition.len() / n;
    let (mu, log_var) = (config.encoder_layers, config.encoder_layers + 1);
    let mut workspace = Workspace::new(n);

    let x = append_columns(batch.x, n, batch.condition, classes);
    let encoder = ForwardCache::new(config.activation, &layers[..mu], x, &mut workspace);
    let [mu_values, log_var_values] =
        [mu, log_var].map(|head| workspace.forward(&layers[head], encoder.output()));
    let latent = LatentLayer {
        mu: &mu_values,
        log_var: &log_var_values,
        eps: batch.eps,
    };
    let (z, kl) = latent.reparameterize();
    let (latent_size, z_width) = (z.len() / n, z.len() / n + classes);
    let z = append_columns(&z, n, batch.condition, classes);

    let output = layers.len() - 1;
    let decoder = ForwardCache::new(
        config.activation,
        &layers[log_var + 1..output],
        z,
        &mut workspace,
    );
    let mut delta = workspace.forward(&layers[output], decoder.output());
    let x_width = encoder.input().len() / n;
    let reconstruction = log_prob_with_gradient(
        config.likelihood,
        &mut delta,
        encoder.input(),
        x_width,
        n,
        batch.loss_images,
    );

    for (at, input) in decoder.inputs.iter().enumerate().rev() {
        let index = log_var + 1 + at;
        let mut d_input = workspace.backward(&layers[index], &delta);
        if at > 0 {
            activation_backward(&mut d_input, &decoder.derivatives[at - 1]);
        }
        let gradient = workspace.gradient(input, &delta);
        on_gradient(&mut layers[index], gradient);
        delta = d_input;
    }
    let kl_weight = (config.beta / batch.loss_images as f64) as f32;
    let (d_mu, d_log_var) = latent.backward(&delta, z_width, latent_size, kl_weight);
    let mut d_hidden = Vec::new();
    for (head, delta) in [(mu, &d_mu), (log_var, &d_log_var)] {
        if config.encoder_layers > 0 {
            let d_input = workspace.backward(&layers[head], delta);
            if d_hidden.is_empty() {
                d_hidden = d_input;
            } else {
                d_hidden
                    .iter_mut()
                    .zip(&d_input)
                    .for_each(|(sum, d_input)| *sum += d_input);
            }
        }
        let gradient = workspace.gradient(encoder.output(), delta);
        on_gradient(&mut layers[head], gradient);
    }
    delta = d_hidden;
    for (index, derivatives) in encoder.derivatives.iter().enumerate().rev() {
        activation_backward(&mut delta, derivatives);
        let d_input = (index > 0).then(|| workspace.backward(&layers[index], &delta));
        let gradient = workspace.gradient(&encoder.inputs[index], &delta);
        on_gradient(&mut layers[index], gradient);
        delta = d_input.unwrap_or_default();
    }
    ElboTerms { reconstruction, kl }
}

/// What the backward pass needs of a stack of hidden layers.
struct ForwardCache {
    /// The input of each hidden layer, and last the output of the stack.
    inputs: Vec<Vec<f32>>,
    /// The activation's derivatives at each hidden layer.
    derivatives: Vec<Vec<f32>>,
}

impl ForwardCache {
    /// Runs the forward pass through `hidden`.
    fn new<L: Layer>(
        activation: Activation,
        hidden: &[L],
        input: Vec<f32>,
        workspace: &mut Workspace,
    ) -> Self {
        let mut cache = Self {
            inputs: vec![input],
            derivatives: Vec::new(),
        };
        for layer in hidden {
            let mut values = workspace.forward(layer, cache.output());
            let mut derivatives = vec![0.0; values.len()];
            activate_with_derivative(activation, &mut values, &mut derivatives);
            cache.inputs.push(values);
            cache.derivatives.push(derivatives);
        }
        cache
    }

    fn input(&self) -> &[f32] {
        self.inputs.first().map_or(&[], Vec::as_slice)
    }

    fn output(&self) -> &[f32] {
        self.inputs.last().map_or(&[], Vec::as_slice)
    }
}

/// Memory that all products of a step share.
struct Workspace {
    /// Images.
    n: usize,
    lhs: SparseLhs,
    rhs: PackedRhs,
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Workspace {
    fn new(n: usize) -> Self {
        Self {
            n,
            lhs: SparseLhs::default(),
            rhs: PackedRhs::default(),
            weight: Vec::new(),
            bias: Vec::new(),
        }
    }

    /// A layer's output, input·W + b: `[n, outputs]`.
    fn forward<L: Layer>(&mut self, layer: &L, input: &[f32]) -> Vec<f32> {
        let (weight, bias) = (layer.weight(), layer.bias());
        let inputs = input.len() / self.n;
        let outputs = weight.len() / inputs;
        self.lhs.pack_rows(MatrixRef::new(input, self.n, inputs));
        self.rhs
            .pack_columns(MatrixRef::new(weight, inputs, outputs));
        let mut out = vec![0.0; self.n * outputs];
        gemm(&self.lhs, &self.rhs, bias, &mut out);
        out
    }

    /// The gradient for a layer's input, δ·Wᵀ: `[n, inputs]`.
    fn backward<L: Layer>(&self, layer: &L, delta: &[f32]) -> Vec<f32> {
        let weight = layer.weight();
        let outputs = delta.len() / self.n;
        let inputs = weight.len() / outputs;
        let mut out = vec![0.0; self.n * inputs];
        gemm_nt(
            MatrixRef::new(delta, self.n, outputs),
            MatrixRef::new(weight, inputs, outputs),
            &mut out,
        );
        out
    }

    /// The gradients for a layer's parameters: inputᵀ·δ, and the sum of δ's rows.
    fn gradient(&mut self, input: &[f32], delta: &[f32]) -> LayerGradient<'_> {
        let (inputs, outputs) = (input.len() / self.n, delta.len() / self.n);
        self.lhs.pack_columns(MatrixRef::new(input, self.n, inputs));
        self.rhs
            .pack_columns(MatrixRef::new(delta, self.n, outputs));
        self.weight.resize(inputs * outputs, 0.0);
        gemm(&self.lhs, &self.rhs, None, &mut self.weight);
        self.bias.clear();
        self.bias.resize(outputs, 0.0);
        for row in delta.chunks_exact(outputs) {
            self.bias
                .iter_mut()
                .zip(row)
                .for_each(|(sum, delta)| *sum += delta);
        }
        LayerGradient {
            weight: &self.weight,
            bias: &self.bias,
        }
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

    fn loss(config: StepConfig, layers: &[TestLayer], batch: &Batch<'_>) -> f64 {
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
                    encoder_layers: 1,
                    activation,
                    likelihood,
                    beta: 0.7,
                };
                // A layer's gradient replaces its parameters.
                let mut gradients = layers.clone();
                forward_backward(config, &mut gradients, &batch, |layer, gradient| {
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
                            loss(config, &layers, &batch)
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
