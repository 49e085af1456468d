//! Tests of the steps for objectives other than the ELBO.

use super::*;
use crate::{
    Activation, KernelPath, Likelihood, VaeConfig, cpu::to_vec, evidence::linear_gaussian,
};
use burn::tensor::Device;

const N: usize = 5;
const INPUT: usize = 7;
const LATENT: usize = 2;

fn config(likelihood: Likelihood, classes: usize) -> VaeConfig {
    VaeConfig {
        input_size: INPUT,
        convolution: None,
        network: None,
        encoder_hidden: vec![6],
        decoder_hidden: vec![4, 9],
        latent_size: LATENT,
        classes,
        activation: Activation::Gelu,
        likelihood,
    }
}

/// The parts before a step, and the gradients of all layers.
struct Outcome {
    elbo: Vec<f32>,
    value: Vec<f32>,
    gradients: Vec<Vec<f32>>,
}

fn outcome(
    model: Vae,
    classes: usize,
    eps: Tensor<2>,
    step: impl Fn(Step<'_>, &mut Vae, &mut Adam) -> ObjectiveParts,
) -> Outcome {
    let device = Device::flex().autodiff();
    let pixels = (0..N * INPUT).map(|i| (i * 29 % 64) as f32 / 63.0);
    let x = Tensor::from_data(
        TensorData::new(pixels.collect::<Vec<f32>>(), [N, INPUT]),
        &device,
    );
    let condition = Condition::of_labels(&[0, 2, 1, 1, 0], classes, &device);
    let mut model = model;
    let mut adam = Adam::new(&model);
    let inputs = Step {
        x,
        condition: &condition,
        eps: Tensor::from_inner(eps),
        beta: 1.0,
        learning_rate: 1e-3,
    };
    let parts = step(inputs, &mut model, &mut adam);
    // The first moment after one step is (1 − β₁) times the gradient.
    let gradient = |values: Vec<f32>| values.into_iter().map(|value| value * 10.0).collect();
    let layers = adam.first_moment().linears().into_iter();
    Outcome {
        elbo: to_vec(parts.elbo.elbo()),
        value: to_vec(parts.value),
        gradients: layers
            .flat_map(|layer| {
                let bias = layer.bias.as_ref().expect("has one");
                [to_vec(layer.weight.val()), to_vec(bias.val())]
            })
            .map(gradient)
            .collect(),
    }
}

fn model(likelihood: Likelihood, classes: usize, path: KernelPath) -> Vae {
    let device = Device::flex().autodiff();
    Vae::init(&config(likelihood, classes), 3, &device)
        .expect("valid")
        .map_parameters(
            |weight| weight.mul_scalar(2.0).detach().require_grad(),
            |bias| bias.mul_scalar(2.0).detach().require_grad(),
        )
        .with_kernel_path(path)
}

fn close(what: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(1e-3_f32, |most, x| most.max(x.abs()));
    for (found, expected) in found.iter().zip(expected) {
        assert!(
            (found - expected).abs() <= 3e-4 * largest,
            "{what}: {found}, not {expected} (largest {largest})"
        );
    }
}

fn compare(what: &str, found: &Outcome, expected: &Outcome) {
    close(&format!("{what}: ELBO"), &found.elbo, &expected.elbo);
    close(&format!("{what}: value"), &found.value, &expected.value);
    for (i, (found, expected)) in found.gradients.iter().zip(&expected.gradients).enumerate() {
        close(&format!("{what}: gradient {i}"), found, expected);
    }
}

#[test]
fn importance_step_by_kernels_agrees_with_automatic_differentiation() {
    let samples = 4;
    for likelihood in Likelihood::of_each_kind(0.4) {
        for classes in [0, 3] {
            let of = |path| {
                let eps = Noise::seeded(5, 0).normal([N * samples, LATENT], &Device::flex());
                outcome(
                    model(likelihood, classes, path),
                    classes,
                    eps,
                    |step, model, adam| importance_step(step, samples, model, adam),
                )
            };
            let what = format!("{likelihood}, {classes} classes");
            compare(&what, &of(KernelPath::Fused), &of(KernelPath::Reference));
        }
    }
}

#[test]
fn exact_step_by_kernels_agrees_with_automatic_differentiation() {
    let families = Likelihood::of_each_kind(0.4)
        .into_iter()
        .filter(|likelihood| likelihood.exponential_family().is_some());
    for likelihood in families {
        let points = random_quantile_grid(9, LATENT, &mut Noise::seeded(8, 0));
        let of = |path| {
            let eps = Noise::seeded(5, 0).normal([N, LATENT], &Device::flex());
            outcome(model(likelihood, 0, path), 0, eps, |step, model, adam| {
                exact_step(step, &points, model, adam)
            })
        };
        let what = format!("{likelihood}");
        compare(&what, &of(KernelPath::Fused), &of(KernelPath::Reference));
    }
}

/// The encoder's doubly reparameterized gradient has the same mean as the plain one of the bound, and a lower variance.
#[test]
fn importance_step_has_the_mean_of_the_plain_gradient_and_less_variance() {
    let samples = 6;
    let draws = 1500;
    let device = Device::flex().autodiff();
    let (mut doubly, mut plain) = (Vec::new(), Vec::new());
    for draw in 0..draws {
        let eps = Noise::seeded(11, draw).normal([N * samples, LATENT], &Device::flex());
        let model = || model(Likelihood::Bernoulli, 0, KernelPath::Reference);
        let found = outcome(model(), 0, eps.clone(), |step, model, adam| {
            importance_step(step, samples, model, adam)
        });
        // The head of μ: its bias.
        doubly.push(f64::from(found.gradients[3][0]));
        let model = model();
        let pixels: Vec<f32> = (0..N * INPUT)
            .map(|i| (i * 29 % 64) as f32 / 63.0)
            .collect();
        let x = Tensor::<2>::from_data(TensorData::new(pixels, [N, INPUT]), &device);
        let q = repeat(
            &model.encoder.forward(x.clone(), &Condition::none()),
            samples,
        );
        let z = q.reparameterize(Tensor::from_inner(eps));
        let output = model.decoder.forward(z.clone(), &Condition::none());
        let rows = repeat_rows(x, samples);
        let log_likelihood = Likelihood::Bernoulli.log_prob(output, rows, KernelPath::Reference);
        let logs = (log_likelihood + log_prior_over(&q, z)).reshape([N, samples]);
        let loss = logs.exp().mean_dim(1).log().mean().neg();
        let gradients = loss.backward();
        let bias = model.encoder.mu.bias.as_ref().expect("has one").val();
        plain.push(f64::from(
            to_vec(bias.grad(&gradients).expect("tracked"))[0],
        ));
    }
    let moments = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (mean, squares / (values.len() as f64 - 1.0))
    };
    let ((mean, variance), (plain_mean, plain_variance)) = (moments(&doubly), moments(&plain));
    let standard_error = ((variance + plain_variance) / draws as f64).sqrt();
    assert!(
        (mean - plain_mean).abs() < 4.0 * standard_error,
        "{mean} and {plain_mean} ± {standard_error}"
    );
    assert!(
        variance < 0.5 * plain_variance,
        "{variance} and {plain_variance}"
    );
}

/// Quadrature over quantiles agrees with the closed form of a linear model.
#[test]
fn log_evidence_agrees_with_the_closed_form() {
    let device = Device::flex();
    let model = linear_gaussian::model(&device);
    let x = TensorData::new(linear_gaussian::X.to_vec(), [1, 5]);
    let (expected, _, _) = linear_gaussian::closed_form();
    // A grid has a bias of a few hundredths of a nat; the mean of p(x) over grids has none.
    let grids = 40;
    let mean: f64 = (0..grids)
        .map(|seed| {
            let points = random_quantile_grid(48, 2, &mut Noise::seeded(seed, 0));
            let points = Tensor::from_data(TensorData::new(points, [48 * 48, 2]), &device);
            let x = Tensor::from_data(x.clone(), &device);
            f64::from(to_vec(log_evidence(&model, x, points))[0]).exp()
        })
        .sum::<f64>()
        / grids as f64;
    assert!(
        (mean.ln() - expected).abs() < 0.02,
        "{} and {expected}",
        mean.ln()
    );
}

#[test]
fn random_quantile_grid_has_the_moments_of_the_prior() {
    let side = 40;
    let points = random_quantile_grid(side, 2, &mut Noise::seeded(1, 0));
    assert_eq!(points.len(), side * side * 2);
    let count = (side * side) as f64;
    for axis in 0..2 {
        let values: Vec<f64> = points
            .iter()
            .skip(axis)
            .step_by(2)
            .map(|&z| f64::from(z))
            .collect();
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|z| z * z).sum::<f64>() / count;
        assert!(
            mean.abs() < 0.1 && (variance - 1.0).abs() < 0.15,
            "{mean}, {variance}"
        );
    }
    let product: f64 = points
        .chunks_exact(2)
        .map(|z| f64::from(z[0]) * f64::from(z[1]))
        .sum();
    assert!((product / count).abs() < 0.01, "{product}");
}

#[test]
fn check_names_what_quadrature_needs() {
    let exact = Objective::Exact { side: 16 };
    let error = |config: VaeConfig| {
        let model = Vae::init(&config, 1, &Device::flex()).expect("valid");
        check(exact, &model).expect_err("unsuited").to_string()
    };
    let base = config(Likelihood::Bernoulli, 0);
    assert!(error(config(Likelihood::Bernoulli, 3)).contains("label"));
    let three = VaeConfig {
        latent_size: 3,
        ..base.clone()
    };
    assert!(error(three).contains("one or two latent dimensions"));
    let suited = Vae::init(&base, 1, &Device::flex()).expect("valid");
    assert_eq!(check(exact, &suited), Ok(()));
}
