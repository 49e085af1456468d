//! One training step of a VAE: forward pass, loss, and backpropagation.
//!
//! It computes what automatic differentiation would, without recording a graph and without temporaries.

mod decoder;
mod encoder;
mod exact;
mod importance;
mod operation;
mod stack;

use crate::{
    latent::LatentLayer,
    likelihood::{LogProb, log_prob_with_gradient},
    mlp::append_columns,
};
use decoder::DecoderPass;
use encoder::EncoderPass;
pub use exact::{LatentPoints, forward_backward_exact};
pub use importance::{ImportanceTerms, forward_backward_importance};
use operation::Workspace;
use spec::{Activation, ConvolutionConfig, Likelihood};

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

impl StepConfig {
    /// The number of layers of the encoder, with its two heads; those of the decoder follow.
    pub fn encoder_layer_count(&self) -> usize {
        operation::strided(self.convolution.as_ref()).len() + self.encoder_layers + 2
    }
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
    let mut workspace = Workspace::new(n);
    let (encoder, decoder) = layers.split_at_mut(config.encoder_layer_count());
    let q = EncoderPass::forward(config, encoder, batch.x, n, batch.condition, &mut workspace);
    let latent = LatentLayer {
        mu: &q.mu,
        log_var: &q.log_var,
        eps: batch.eps,
    };
    let (z, kl) = latent.reparameterize();
    let (latent_size, z_width) = (z.len() / n, z.len() / n + classes);
    let z = append_columns(&z, n, batch.condition, classes);
    let (decoded, mut delta) = DecoderPass::forward(config, decoder, z, &mut workspace);
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
    let d_z = decoded.backward(decoder, &delta, true, &mut workspace, &mut on_gradient);
    let kl_weight = (config.beta / batch.loss_images as f64) as f32;
    let (d_mu, d_log_var) = latent.backward(&d_z, z_width, latent_size, kl_weight);
    q.backward(
        encoder,
        [&d_mu, &d_log_var],
        &mut workspace,
        &mut on_gradient,
    );
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
        let layers = layers();
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
                let range = 0..layers.len();
                check_gradients(&layers, &gradients, range, |layers| {
                    loss(&config, layers, &batch)
                });
            }
        }
    }

    fn layers() -> Vec<TestLayer> {
        let sizes = (0..).zip(SIZES);
        sizes
            .map(|(seed, [inputs, outputs])| TestLayer {
                weight: values(inputs * outputs, seed),
                bias: values(outputs, seed + 50),
            })
            .collect()
    }

    /// Compares the gradients of these layers with finite differences of a loss.
    fn check_gradients(
        layers: &[TestLayer],
        gradients: &[TestLayer],
        range: std::ops::Range<usize>,
        loss: impl Fn(&[TestLayer]) -> f64,
    ) {
        const H: f32 = 1.0 / 128.0;
        for index in range {
            let gradient = &gradients[index];
            let bias = gradient.weight.len();
            for parameter in [0, bias / 2, bias] {
                let shifted = |by: f32| {
                    let mut layers = layers.to_vec();
                    let TestLayer { weight, bias } = &mut layers[index];
                    let mut all = weight.iter_mut().chain(bias);
                    *all.nth(parameter).expect("in range") += by;
                    loss(&layers)
                };
                let expected = (shifted(H) - shifted(-H)) / f64::from(2.0 * H);
                let mut all = gradient.weight.iter().chain(&gradient.bias);
                let found = f64::from(*all.nth(parameter).expect("in range"));
                assert!(
                    (found - expected).abs() < 2e-3 * expected.abs().max(1.0),
                    "layer {index}, parameter {parameter}: {found}, not {expected}"
                );
            }
        }
    }

    fn config(likelihood: Likelihood) -> StepConfig {
        StepConfig {
            convolution: None,
            encoder_layers: 1,
            activation: Activation::Gelu,
            likelihood,
            beta: 1.0,
        }
    }

    fn mean(values: &[f32]) -> f64 {
        values.iter().copied().map(f64::from).sum::<f64>() / values.len() as f64
    }

    const SAMPLES: usize = 3;

    #[test]
    fn forward_backward_importance_has_the_decoder_gradient_of_the_bound() {
        let x: Vec<f32> = values(N * 5, 1).iter().map(|x| x + 0.5).collect();
        let condition: Vec<f32> = (0..N).flat_map(|i| [(i % 2) as f32, 0.5]).collect();
        let eps = values(N * SAMPLES * 2, 2);
        let batch = Batch {
            n: N,
            loss_images: N,
            x: &x,
            condition: &condition,
            eps: &eps,
        };
        for likelihood in Likelihood::of_each_kind(0.5) {
            let config = config(likelihood);
            let layers = layers();
            let mut gradients = layers.clone();
            forward_backward_importance(
                &config,
                &mut gradients,
                &batch,
                SAMPLES,
                |layer, gradient| {
                    layer.weight = gradient.weight.to_vec();
                    layer.bias = gradient.bias.to_vec();
                },
            );
            check_gradients(&layers, &gradients, 3..5, |layers| {
                let mut layers = layers.to_vec();
                let terms =
                    forward_backward_importance(&config, &mut layers, &batch, SAMPLES, |_, _| {});
                -mean(&terms.bound)
            });
        }
    }

    /// With one sample the bound is an ELBO whose KL is estimated by the sample; with more it is higher.
    #[test]
    fn forward_backward_importance_rises_with_the_number_of_samples() {
        let x: Vec<f32> = values(N * 5, 1).iter().map(|x| x + 0.5).collect();
        let condition = vec![0.5; N * CLASSES];
        // Antithetic samples, so that their mean has no error of the first order.
        let eps: Vec<f32> = (0..N).flat_map(|_| [0.8, -0.4, -0.8, 0.4]).collect();
        let bound = |samples: usize, eps: &[f32]| {
            let batch = Batch {
                n: N,
                loss_images: N,
                x: &x,
                condition: &condition,
                eps,
            };
            let config = config(Likelihood::Bernoulli);
            let terms =
                forward_backward_importance(&config, &mut layers(), &batch, samples, |_, _| {});
            mean(&terms.bound)
        };
        let of_sample = |at: usize| -> Vec<f32> {
            eps.chunks_exact(4)
                .flat_map(|image| image[at..at + 2].to_vec())
                .collect()
        };
        let single = (bound(1, &of_sample(0)) + bound(1, &of_sample(2))) / 2.0;
        let both = bound(2, &eps);
        assert!(both > single, "{both} and {single}");
    }

    #[test]
    fn forward_backward_exact_agrees_with_finite_differences() {
        let x: Vec<f32> = values(N * 5, 1).iter().map(|x| x + 0.5).collect();
        let z = values(7 * 2, 3);
        let points = LatentPoints { count: 7, z: &z };
        let likelihoods = Likelihood::of_each_kind(0.5).into_iter();
        let families = likelihoods
            .filter(|likelihood| !matches!(likelihood, Likelihood::DiscretizedLogistic { .. }));
        for likelihood in families {
            let config = config(likelihood);
            let decoder: Vec<TestLayer> = (0..)
                .zip([[2, 4], [4, 5]])
                .map(|(seed, [inputs, outputs])| TestLayer {
                    weight: values(inputs * outputs, seed),
                    bias: values(outputs, seed + 50),
                })
                .collect();
            let mut gradients = decoder.clone();
            let log_evidence = forward_backward_exact(
                &config,
                &mut gradients,
                &x,
                N,
                points,
                |layer, gradient| {
                    layer.weight = gradient.weight.to_vec();
                    layer.bias = gradient.bias.to_vec();
                },
            );
            assert_eq!(log_evidence.len(), N);
            check_gradients(&decoder, &gradients, 0..2, |layers| {
                let mut layers = layers.to_vec();
                -mean(&forward_backward_exact(
                    &config,
                    &mut layers,
                    &x,
                    N,
                    points,
                    |_, _| {},
                ))
            });
        }
    }

    /// One point with all of the prior: log p(x) is log p(x|z).
    #[test]
    fn forward_backward_exact_of_one_point_is_the_likelihood() {
        let x: Vec<f32> = values(N * 5, 1).iter().map(|x| x + 0.5).collect();
        let z = [0.3, -0.7];
        let layer = TestLayer {
            weight: values(10, 1),
            bias: values(5, 2),
        };
        let config = config(Likelihood::Gaussian { sigma: 0.4 });
        let points = LatentPoints { count: 1, z: &z };
        let found = forward_backward_exact(&config, &mut [layer.clone()], &x, N, points, |_, _| {});
        let mut output: Vec<f32> = (0..N)
            .flat_map(|_| {
                let (weight, bias) = (&layer.weight, &layer.bias);
                (0..5).map(move |i| z[0] * weight[i] + z[1] * weight[5 + i] + bias[i])
            })
            .collect();
        let expected = log_prob_with_gradient(config.likelihood, &mut output, &x, 5, N, N);
        for (found, expected) in found.iter().zip(&expected.per_image) {
            assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
        }
    }
}
