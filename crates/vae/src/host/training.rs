//! The loss of a batch with the gradients of all parameters, by hand: what automatic differentiation does of
//! the operations in [`Vae::elbo`](crate::Vae::elbo), without its graph and its temporaries.

use super::{
    activate::activate_with_slopes,
    flush,
    latent::Latent,
    left::Left,
    network::append,
    panels::{Matrix, Panels},
    product::{COLUMNS, product},
    reconstruction::reconstruct,
    rows::product_of_rows,
};
use crate::{Activation, Likelihood, Vae};
use serde::{Deserialize, Serialize};

/// What a pass needs to know of a model beside its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shape {
    /// Hidden layers of the encoder.
    pub(crate) encoder: usize,
    /// The nonlinearity after each hidden layer.
    pub(crate) activation: Activation,
    /// p(x|z).
    pub(crate) likelihood: Likelihood,
}

impl Shape {
    /// That of this model.
    pub(crate) fn of(model: &Vae) -> Self {
        Self {
            encoder: model.encoder.layers.len(),
            activation: model.decoder.activation,
            likelihood: model.likelihood,
        }
    }
}

/// The parameters of a layer.
pub(crate) trait Layer {
    /// `[inputs × outputs]`.
    fn weight(&self) -> &[f32];
    /// `[outputs]`, where there is one.
    fn bias(&self) -> Option<&[f32]>;
}

/// The images of a step, or some of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch<'a> {
    /// Their number, at least one.
    pub(crate) n: usize,
    /// The number of images that the loss is averaged over: `n`, or more when others have the rest.
    pub(crate) of: usize,
    /// `[n × input]`.
    pub(crate) x: &'a [f32],
    /// Class weights, `[n × classes]`; empty for a model without.
    pub(crate) condition: &'a [f32],
    /// `[n × latent]`.
    pub(crate) eps: &'a [f32],
}

impl<'a> Batch<'a> {
    /// The first `n` images, and the rest.
    pub(crate) fn split_at(&self, n: usize) -> [Self; 2] {
        let split = |values: &'a [f32]| values.split_at(values.len() / self.n * n);
        let [x, condition, eps] = [self.x, self.condition, self.eps].map(split);
        let part = |n, x, condition, eps| Self {
            n,
            of: self.of,
            x,
            condition,
            eps,
        };
        [
            part(n, x.0, condition.0, eps.0),
            part(self.n - n, x.1, condition.1, eps.1),
        ]
    }
}

/// The loss's gradients for a layer.
pub(crate) struct Gradient<'a> {
    /// `[inputs × outputs]`.
    pub(crate) weight: &'a [f32],
    /// `[outputs]`.
    pub(crate) bias: &'a [f32],
}

/// The parts of the ELBO, before the step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Parts {
    /// `[n]`, in nats.
    pub(crate) reconstruction: Vec<f32>,
    /// `[n × latent]`, in nats.
    pub(crate) kl: Vec<f32>,
}

/// Goes forward through the layers, which are in the order of [`Vae::linears`](crate::Vae::linears), and back.
/// Each layer is handed to `take` with its gradient as soon as the pass is done with it, to be changed then and
/// there; the memory of a gradient is used again for the next.
pub(crate) fn pass<L: Layer>(
    shape: Shape,
    layers: &mut [L],
    batch: &Batch,
    beta: f64,
    mut take: impl FnMut(&mut L, Gradient),
) -> Parts {
    let n = batch.n;
    let classes = batch.condition.len() / n;
    let (mu, log_var) = (shape.encoder, shape.encoder + 1);
    let mut scratch = Scratch::new(n);

    let x = append(batch.x, n, batch.condition, classes);
    let encoder = Trace::of(shape.activation, &layers[..mu], x, &mut scratch);
    let [mu_values, log_var_values] =
        [mu, log_var].map(|head| scratch.forward(&layers[head], encoder.end()));
    let latent = Latent {
        mu: &mu_values,
        log_var: &log_var_values,
        eps: batch.eps,
    };
    let (z, kl) = latent.sample();
    let (latent_size, z_width) = (z.len() / n, z.len() / n + classes);
    let z = append(&z, n, batch.condition, classes);

    let output = layers.len() - 1;
    let decoder = Trace::of(
        shape.activation,
        &layers[log_var + 1..output],
        z,
        &mut scratch,
    );
    let mut delta = scratch.forward(&layers[output], decoder.end());
    let x_width = encoder.start().len() / n;
    let images = [batch.n, batch.of];
    let reconstruction = reconstruct(
        shape.likelihood,
        &mut delta,
        encoder.start(),
        x_width,
        images,
    );

    for (at, input) in decoder.inputs.iter().enumerate().rev() {
        let index = log_var + 1 + at;
        let mut by_input = scratch.backward(&layers[index], &delta);
        if at > 0 {
            bend(&mut by_input, &decoder.slopes[at - 1]);
        }
        let gradient = scratch.gradient(input, &delta);
        take(&mut layers[index], gradient);
        delta = by_input;
    }
    let weight = (beta / batch.of as f64) as f32;
    let (by_mu, by_log_var) = latent.gradients(&delta, z_width, latent_size, weight);
    let mut by_end = Vec::new();
    for (head, delta) in [(mu, &by_mu), (log_var, &by_log_var)] {
        if shape.encoder > 0 {
            let by_input = scratch.backward(&layers[head], delta);
            if by_end.is_empty() {
                by_end = by_input;
            } else {
                by_end.iter_mut().zip(&by_input).for_each(|(a, b)| *a += b);
            }
        }
        let gradient = scratch.gradient(encoder.end(), delta);
        take(&mut layers[head], gradient);
    }
    delta = by_end;
    for (index, slopes) in encoder.slopes.iter().enumerate().rev() {
        bend(&mut delta, slopes);
        let by_input = (index > 0).then(|| scratch.backward(&layers[index], &delta));
        let gradient = scratch.gradient(&encoder.inputs[index], &delta);
        take(&mut layers[index], gradient);
        delta = by_input.unwrap_or_default();
    }
    Parts { reconstruction, kl }
}

/// The gradient before an activation: that after it times its slopes.
fn bend(delta: &mut [f32], slopes: &[f32]) {
    for (delta, slope) in delta.iter_mut().zip(slopes) {
        *delta = flush(*delta * slope);
    }
}

/// What hidden layers were given, and how steep their activations were.
struct Trace {
    /// The input of each hidden layer, and at last what comes out of them.
    inputs: Vec<Vec<f32>>,
    /// Of each hidden layer.
    slopes: Vec<Vec<f32>>,
}

impl Trace {
    fn of<L: Layer>(
        activation: Activation,
        hidden: &[L],
        input: Vec<f32>,
        scratch: &mut Scratch,
    ) -> Self {
        let mut trace = Self {
            inputs: vec![input],
            slopes: Vec::new(),
        };
        for layer in hidden {
            let mut values = scratch.forward(layer, trace.end());
            let mut slopes = vec![0.0; values.len()];
            activate_with_slopes(activation, &mut values, &mut slopes);
            trace.inputs.push(values);
            trace.slopes.push(slopes);
        }
        trace
    }

    fn start(&self) -> &[f32] {
        self.inputs.first().map_or(&[], Vec::as_slice)
    }

    fn end(&self) -> &[f32] {
        self.inputs.last().map_or(&[], Vec::as_slice)
    }
}

/// Memory that all products of a pass use.
struct Scratch {
    /// Images.
    n: usize,
    left: Left,
    right: Panels<COLUMNS>,
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Scratch {
    fn new(n: usize) -> Self {
        Self {
            n,
            left: Left::default(),
            right: Panels::default(),
            weight: Vec::new(),
            bias: Vec::new(),
        }
    }

    /// input·W + b, `[n × outputs]`.
    fn forward<L: Layer>(&mut self, layer: &L, input: &[f32]) -> Vec<f32> {
        let (weight, bias) = (layer.weight(), layer.bias());
        let inputs = input.len() / self.n;
        let outputs = weight.len() / inputs;
        self.left.take_rows(Matrix::new(input, self.n, inputs));
        self.right
            .take_columns(Matrix::new(weight, inputs, outputs));
        let mut out = vec![0.0; self.n * outputs];
        product(&self.left, &self.right, bias, &mut out);
        out
    }

    /// The gradient for a layer's input, delta·Wᵀ, `[n × inputs]`.
    fn backward<L: Layer>(&self, layer: &L, delta: &[f32]) -> Vec<f32> {
        let weight = layer.weight();
        let outputs = delta.len() / self.n;
        let inputs = weight.len() / outputs;
        let mut out = vec![0.0; self.n * inputs];
        product_of_rows(
            Matrix::new(delta, self.n, outputs),
            Matrix::new(weight, inputs, outputs),
            &mut out,
        );
        out
    }

    /// The gradients for a layer's parameters: inputᵀ·delta and the sum of delta's rows.
    fn gradient(&mut self, input: &[f32], delta: &[f32]) -> Gradient<'_> {
        let (inputs, outputs) = (input.len() / self.n, delta.len() / self.n);
        self.left.take_columns(Matrix::new(input, self.n, inputs));
        self.right.take_columns(Matrix::new(delta, self.n, outputs));
        self.weight.resize(inputs * outputs, 0.0);
        product(&self.left, &self.right, None, &mut self.weight);
        self.bias.clear();
        self.bias.resize(outputs, 0.0);
        for row in delta.chunks_exact(outputs) {
            self.bias
                .iter_mut()
                .zip(row)
                .for_each(|(sum, delta)| *sum += delta);
        }
        Gradient {
            weight: &self.weight,
            bias: &self.bias,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Condition, ElboParts, Noise, VaeConfig, host::numbers};
    use burn::{
        module::Module,
        nn::Linear,
        tensor::{Device, Gradients, Tensor, TensorData},
    };

    /// A layer that keeps the gradient it is handed.
    struct Probe {
        weight: Vec<f32>,
        bias: Vec<f32>,
        found: [Vec<f32>; 2],
    }

    impl Probe {
        fn of(layer: &Linear) -> Self {
            let bias = layer.bias.as_ref().expect("has one");
            Self {
                weight: numbers(layer.weight.val()),
                bias: numbers(bias.val()),
                found: Default::default(),
            }
        }
    }

    impl Layer for Probe {
        fn weight(&self) -> &[f32] {
            &self.weight
        }

        fn bias(&self) -> Option<&[f32]> {
            Some(&self.bias)
        }
    }

    /// A model, a batch, and how KL is weighed.
    struct Case {
        config: VaeConfig,
        n: usize,
        beta: f64,
        /// Weights are so many times what they start as.
        scale: f64,
    }

    impl Case {
        fn input(&self) -> [Vec<f32>; 2] {
            let count = self.n * self.config.input_size;
            let x = (0..count).map(|i| (i * 29 % 64) as f32 / 63.0).collect();
            let labels: Vec<u8> = (0..self.n).map(|i| (i % 4) as u8).collect();
            let condition = Condition::of_labels(&labels, self.config.classes, &Device::flex());
            [x, condition.rows().map_or_else(Vec::new, numbers)]
        }

        fn check(&self) {
            let device = Device::flex().autodiff();
            let scaled = |value: f64| value * self.scale;
            let model = Vae::init(&self.config, 3, &device)
                .expect("valid")
                .map_parameters(
                    |weight| weight.mul_scalar(scaled(1.0)).detach().require_grad(),
                    |bias| bias.mul_scalar(scaled(1.0)).detach().require_grad(),
                );
            let [x, rows] = self.input();
            let latent = self.config.latent_size;
            let eps = Noise::seeded(5, 0).normal([self.n, latent], &Device::flex());
            let labels: Vec<u8> = (0..self.n).map(|i| (i % 4) as u8).collect();
            let condition = Condition::of_labels(&labels, self.config.classes, &device);
            let shape = [self.n, self.config.input_size];
            let expected = model.elbo(
                Tensor::from_data(TensorData::new(x.clone(), shape), &device),
                &condition,
                Tensor::from_inner(eps.clone()),
            );
            let gradients = expected.loss(self.beta).backward();

            let eps = numbers(eps);
            let batch = Batch {
                n: self.n,
                of: self.n,
                x: &x,
                condition: &rows,
                eps: &eps,
            };
            let mut layers: Vec<Probe> = model.linears().into_iter().map(Probe::of).collect();
            let keep = |layer: &mut Probe, gradient: Gradient| {
                layer.found = [gradient.weight.to_vec(), gradient.bias.to_vec()];
            };
            let parts = pass(Shape::of(&model), &mut layers, &batch, self.beta, keep);
            self.compare(parts, expected, &layers, &model, &gradients);
        }

        fn compare(
            &self,
            parts: Parts,
            expected: ElboParts,
            layers: &[Probe],
            model: &Vae,
            gradients: &Gradients,
        ) {
            let expected = expected.inner();
            self.close(
                "log p(x|z)",
                &parts.reconstruction,
                numbers(expected.reconstruction),
            );
            self.close("KL", &parts.kl, numbers(expected.kl));
            for (i, (found, layer)) in layers.iter().zip(model.linears()).enumerate() {
                let weight = layer.weight.val().grad(gradients).expect("tracked");
                self.close(&format!("weight {i}"), &found.found[0], numbers(weight));
                let bias = layer.bias.as_ref().expect("has one").val();
                let bias = bias.grad(gradients).expect("tracked");
                self.close(&format!("bias {i}"), &found.found[1], numbers(bias));
            }
        }

        /// Relative to the largest number: sums of many terms lose digits of the small ones.
        fn close(&self, what: &str, found: &[f32], expected: Vec<f32>) {
            assert_eq!(found.len(), expected.len(), "{what}");
            let largest = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() <= 3e-4 * largest,
                    "{what} of {:?}: {found}, by automatic differentiation {expected}, of {largest} at most",
                    self.config
                );
            }
        }
    }

    const ACTIVATIONS: [Activation; 4] = [
        Activation::Relu,
        Activation::Gelu,
        Activation::Silu,
        Activation::Tanh,
    ];
    const LIKELIHOODS: [Likelihood; 3] = [
        Likelihood::Bernoulli,
        Likelihood::Gaussian { sigma: 0.4 },
        Likelihood::ContinuousBernoulli,
    ];

    /// Sizes of a model and of a batch.
    struct Sizes {
        input_size: usize,
        encoder: &'static [usize],
        decoder: &'static [usize],
        latent_size: usize,
        n: usize,
    }

    impl Sizes {
        fn check(&self, activation: Activation, likelihood: Likelihood, classes: usize) {
            let config = VaeConfig {
                input_size: self.input_size,
                encoder_hidden: self.encoder.to_vec(),
                decoder_hidden: self.decoder.to_vec(),
                latent_size: self.latent_size,
                classes,
                activation,
                likelihood,
            };
            for (beta, scale) in [(1.0, 1.0), (0.3, 3.0)] {
                let (config, n) = (config.clone(), self.n);
                Case {
                    config,
                    n,
                    beta,
                    scale,
                }
                .check();
            }
        }
    }

    #[test]
    fn gradients_are_those_of_automatic_differentiation() {
        let sizes = |input_size, encoder, decoder, latent_size, n| Sizes {
            input_size,
            encoder,
            decoder,
            latent_size,
            n,
        };
        // On both sides of a tile's, and batches that are no multiple of it.
        let all = [
            sizes(30, &[17, 9], &[8, 21], 3, 7),
            sizes(16, &[12], &[4], 8, 4),
            sizes(9, &[], &[], 2, 1),
            sizes(45, &[33], &[11, 6, 13], 1, 37),
        ];
        for sizes in all {
            for activation in ACTIVATIONS {
                for likelihood in LIKELIHOODS {
                    for classes in [0, 3] {
                        sizes.check(activation, likelihood, classes);
                    }
                }
            }
        }
    }

    /// Where log σ² is beyond its bounds, nothing reaches what it comes from.
    #[test]
    fn bounds_of_the_log_variance_hold_gradients_back() {
        let config = VaeConfig {
            input_size: 12,
            encoder_hidden: vec![],
            decoder_hidden: vec![5],
            latent_size: 6,
            classes: 0,
            activation: Activation::Tanh,
            likelihood: Likelihood::Bernoulli,
        };
        let (n, beta, scale) = (6, 1.0, 40.0);
        let case = Case {
            config,
            n,
            beta,
            scale,
        };
        let model = Vae::init(&case.config, 3, &Device::flex()).expect("valid");
        let model = model.map_parameters(|w| w.mul_scalar(scale), |b| b.mul_scalar(scale));
        let x = Tensor::from_data(
            TensorData::new(case.input()[0].clone(), [n, 12]),
            &Device::flex(),
        );
        let log_var = numbers(model.encoder.forward(x, &Condition::none()).log_var);
        let at_bounds = log_var
            .iter()
            .filter(|&&value| value == -10.0 || value == 6.0);
        assert!((5..30).contains(&at_bounds.count()), "{log_var:?}");
        case.check();
    }

    /// What is no number is not hidden, so that a run sees that it has diverged.
    #[test]
    fn what_is_no_number_reaches_the_loss() {
        let device = Device::flex();
        for activation in ACTIVATIONS {
            let config = VaeConfig {
                input_size: 9,
                encoder_hidden: vec![5],
                decoder_hidden: vec![5],
                latent_size: 2,
                classes: 0,
                activation,
                likelihood: Likelihood::Bernoulli,
            };
            let model = Vae::init(&config, 1, &device).expect("valid").train();
            let mut layers: Vec<Probe> = model.linears().into_iter().map(Probe::of).collect();
            layers[0].bias = vec![f32::NAN; 5];
            let batch = Batch {
                n: 2,
                of: 2,
                x: &[0.5; 18],
                condition: &[],
                eps: &[0.1; 4],
            };
            let parts = pass(Shape::of(&model), &mut layers, &batch, 1.0, |_, _| {});
            assert!(parts.reconstruction.iter().all(|value| value.is_nan()));
        }
    }
}
