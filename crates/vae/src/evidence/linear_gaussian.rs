//! Tests of the estimators on a model with closed forms: x = W z + b + σ·noise, probabilistic PCA (Tipping & Bishop
//! 1999), with two latent dimensions and five pixels.

use super::*;
use crate::{Activation, Condition, Likelihood, Noise, Vae, VaeConfig};
use burn::{
    module::Param,
    tensor::{Device, Tensor, TensorData},
};
use std::f64::consts::PI;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

pub(crate) const W: [[f64; 2]; 5] = [[0.5, 0.1], [-0.3, 0.4], [0.2, -0.6], [0.0, 0.3], [0.4, 0.2]];
pub(crate) const B: [f64; 5] = [0.5, 0.4, 0.6, 0.3, 0.2];
pub(crate) const SIGMA: f64 = 0.25;
pub(crate) const X: [f32; 5] = [0.9, 0.1, 0.8, 0.3, 0.55];

/// The result of a future that is ready at once, as on a CPU backend.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a CPU backend does not wait"),
    }
}

pub(crate) fn model(device: &Device) -> Vae {
    scaled_model(1.0, device)
}

/// The model with W multiplied by `scale`, which makes the posterior narrower.
fn scaled_model(scale: f64, device: &Device) -> Vae {
    let config = VaeConfig {
        input_size: 5,
        convolution: None,
        network: None,
        encoder_hidden: vec![],
        decoder_hidden: vec![],
        latent_size: 2,
        classes: 0,
        activation: Activation::Relu,
        likelihood: Likelihood::Gaussian { sigma: SIGMA },
    };
    let mut model = Vae::init(&config, 4, device).expect("valid");
    let transposed: Vec<f32> = (0..2)
        .flat_map(|j| (0..5).map(move |i| (scale * W[i][j]) as f32))
        .collect();
    let weight = Tensor::from_data(TensorData::new(transposed, [2, 5]), device);
    let bias = TensorData::new(B.map(|b| b as f32).to_vec(), [5]);
    model.decoder.output.weight = Param::from_tensor(weight);
    model.decoder.output.bias = Some(Param::from_tensor(Tensor::from_data(bias, device)));
    model
}

/// log p(x), and mean and covariance of p(z|x), in closed form.
pub(crate) fn closed_form() -> (f64, [f64; 2], [[f64; 2]; 2]) {
    scaled_closed_form(1.0)
}

fn scaled_closed_form(scale: f64) -> (f64, [f64; 2], [[f64; 2]; 2]) {
    let variance = SIGMA * SIGMA;
    let x: Vec<f64> = X.iter().zip(B).map(|(&x, b)| f64::from(x) - b).collect();
    // M = WᵀW + σ²I, and Wᵀx.
    let mut m = [[variance, 0.0], [0.0, variance]];
    let mut wx = [0.0; 2];
    for (row, x) in W.iter().zip(&x) {
        let row = row.map(|weight| scale * weight);
        for i in 0..2 {
            wx[i] += row[i] * x;
            for j in 0..2 {
                m[i][j] += row[i] * row[j];
            }
        }
    }
    let det = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    let inverse = [
        [m[1][1] / det, -m[0][1] / det],
        [-m[1][0] / det, m[0][0] / det],
    ];
    let mean = [0, 1].map(|i| inverse[i][0] * wx[0] + inverse[i][1] * wx[1]);
    let covariance = inverse.map(|row| row.map(|value| value * variance));
    // |WWᵀ + σ²I| = σ^(2(5−2)) |M|, and Woodbury's identity for its inverse.
    let log_det = 3.0 * variance.ln() + det.ln();
    let squares: f64 = x.iter().map(|x| x * x).sum();
    let quadratic = (squares - wx[0] * mean[0] - wx[1] * mean[1]) / variance;
    let log_evidence = -0.5 * (5.0 * (2.0 * PI).ln() + log_det + quadratic);
    (log_evidence, mean, covariance)
}

/// KL(N(μ, diag σ²) ‖ N(mean, covariance)).
fn kl(mu: [f64; 2], log_var: [f64; 2], mean: [f64; 2], covariance: [[f64; 2]; 2]) -> f64 {
    let det = covariance[0][0] * covariance[1][1] - covariance[0][1].powi(2);
    let precision = [
        [covariance[1][1] / det, -covariance[0][1] / det],
        [-covariance[1][0] / det, covariance[0][0] / det],
    ];
    let off = [mean[0] - mu[0], mean[1] - mu[1]];
    let trace: f64 = (0..2).map(|i| precision[i][i] * log_var[i].exp()).sum();
    let quadratic: f64 = (0..2)
        .flat_map(|i| (0..2).map(move |j| (i, j)))
        .map(|(i, j)| off[i] * precision[i][j] * off[j])
        .sum();
    0.5 * (trace + quadratic - 2.0 + det.ln() - log_var[0] - log_var[1])
}

fn exact(model: &Vae, side: usize, device: &Device) -> Exact {
    let grid = LatentGrid::new(side, LatentGrid::REACH).expect("in bounds");
    let mut pass = GridPass::new(model, grid, device).expect("2-D");
    while !pass.is_done() {
        now(pass.advance(model, &[])).expect("decodes");
    }
    now(pass.exact(&X)).expect("done")
}

#[test]
fn quadrature_agrees_with_the_closed_form() {
    let device = Device::flex();
    let (log_evidence, mean, covariance) = closed_form();
    let found = exact(&model(&device), 101, &device);
    assert!(
        (found.log_evidence - log_evidence).abs() < 1e-4,
        "{} instead of {log_evidence}",
        found.log_evidence
    );
    let (found_mean, found_covariance) = (found.mean(), found.covariance());
    for i in 0..2 {
        assert!((found_mean[i] - mean[i]).abs() < 1e-4);
        for j in 0..2 {
            assert!((found_covariance[i][j] - covariance[i][j]).abs() < 1e-4);
        }
    }
}

/// The estimated error of a coarse grid is large, and bounds the true error.
#[test]
fn quadrature_error_estimate_bounds_the_true_error() {
    let device = Device::flex();
    let model = model(&device);
    let (log_evidence, ..) = closed_form();
    let mut before = f64::INFINITY;
    for side in [12, 24, 48, 96] {
        let found = exact(&model, side, &device);
        let off = (found.log_evidence - log_evidence).abs();
        assert!(off < found.error + 1e-4, "{side}: {off} {}", found.error);
        assert!(found.error < before + 1e-4);
        before = found.error;
    }
    assert!(before < 1e-3, "{before}");
}

/// For a posterior much narrower than the cells, and a q next to it.
#[test]
fn refine_resolves_a_narrow_posterior() {
    let device = Device::flex();
    let (log_evidence, mean, covariance) = scaled_closed_form(20.0);
    assert!(covariance[0][0].sqrt() < 0.025, "{covariance:?}");
    let model = scaled_model(20.0, &device);
    let coarse = exact(&model, 64, &device);
    let beside = PlanePosterior {
        mu: [mean[0] + 0.05, mean[1]],
        log_var: [-7.0, -6.0],
    };
    for q in [None, Some(beside)] {
        let mut found = coarse.clone();
        let mut steps = 0;
        while found.error > 1e-3 && steps < 10 {
            now(found.refine(&model, &X, &[], q, &device)).expect("decodes");
            steps += 1;
        }
        let off = (found.log_evidence - log_evidence).abs();
        // Rounding in f32 contributes about 1e-4 where x is this unlikely.
        assert!(off < found.error + 2e-3, "{off} after {steps} steps");
        assert!(found.error < 1e-3, "{}", found.error);
        let spread = found.covariance()[0][0] / covariance[0][0];
        assert!((spread - 1.0).abs() < 0.01, "{spread}");
    }
    let mut found = coarse;
    for _ in 0..5 {
        now(found.refine(&model, &X, &[], Some(beside), &device)).expect("decodes");
    }
    let gap = found.kl_from(beside.mu, beside.log_var);
    let expected = kl(beside.mu, beside.log_var, mean, covariance);
    assert!((gap - expected).abs() < 0.01, "{gap} and {expected}");
}

/// log p(x) − ELBO = KL(q ‖ p(z|x)) (notes, Equation 21): the closed form and quadrature, for several q.
#[test]
fn kl_from_agrees_with_the_closed_form() {
    let device = Device::flex();
    let (_, mean, covariance) = closed_form();
    let found = exact(&model(&device), 161, &device);
    for (mu, log_var) in [
        (mean, [covariance[0][0].ln(), covariance[1][1].ln()]),
        ([0.0, 0.0], [0.0, 0.0]),
        ([0.8, -0.5], [-2.0, -1.0]),
    ] {
        let expected = kl(mu, log_var, mean, covariance);
        let integrated = found.kl_from(mu, log_var);
        assert!(
            (integrated - expected).abs() < 2e-4 * (1.0 + expected),
            "{integrated} instead of {expected}"
        );
    }
}

#[test]
fn log_weights_from_the_prior_estimate_the_evidence() {
    let device = Device::flex();
    let model = model(&device);
    let (log_evidence, ..) = closed_form();
    let mut noise = Noise::seeded(11, 0);
    let weights = LogWeights::from_prior(&model, &X, &[], 40_000, &mut noise, &device);
    let all = now(weights).expect("samples").all();
    let off = (all.log_mean() - log_evidence).abs();
    assert!(off < 4.0 * all.standard_error(), "{off}");
    assert!(all.standard_error() < 0.03, "{}", all.standard_error());
    assert!(all.effective_sample_size() < 40_000.0);
}

/// ELBO ≤ L_K ≤ log p(x), and L_K increases with K (Burda et al. 2015, Theorem 1).
#[test]
fn log_weights_bound_increases_with_k_towards_the_evidence() {
    let device = Device::flex();
    let model = model(&device);
    let (log_evidence, mean, covariance) = closed_form();
    let mut noise = Noise::seeded(12, 0);
    let weights = LogWeights::from_posterior(&model, &X, &[], 60_000, &mut noise, &device);
    let weights = now(weights).expect("samples");
    let mut before = f64::NEG_INFINITY;
    for k in [1, 5, 50, 500] {
        let bound = weights.bound(k).expect("enough samples");
        let slack = 4.0 * bound.standard_error;
        assert!(bound.value > before - slack, "K = {k}: {bound:?}");
        assert!(bound.value < log_evidence + slack, "K = {k}: {bound:?}");
        before = bound.value;
    }
    let all = weights.all();
    assert!((all.log_mean() - log_evidence).abs() < 4.0 * all.standard_error());
    // K = 1 is the ELBO, whose gap is KL(q ‖ p(z|x)).
    let x = Tensor::from_data(TensorData::new(X.to_vec(), [1, 5]), &device);
    let q = model.encoder.forward(x, &Condition::none());
    let pair = |tensor: Tensor<2>| -> [f64; 2] {
        let values: Vec<f64> = tensor.into_data().iter().collect();
        [values[0], values[1]]
    };
    let gap = kl(pair(q.mu), pair(q.log_var), mean, covariance);
    let elbo = weights.bound(1).expect("one");
    assert!(
        (log_evidence - elbo.value - gap).abs() < 4.0 * elbo.standard_error,
        "{elbo:?} {gap}"
    );
}

#[test]
fn log_weights_are_deterministic_and_check_their_bounds() {
    let device = Device::flex();
    let model = model(&device);
    let draw = |n| {
        let mut noise = Noise::seeded(7, 0);
        now(LogWeights::from_posterior(
            &model,
            &X,
            &[],
            n,
            &mut noise,
            &device,
        ))
    };
    let drawn = draw(1200).expect("samples");
    assert_eq!(drawn, draw(1200).expect("samples"));
    let given = |eps: &[f32]| {
        now(LogWeights::from_posterior_with(
            &model,
            &X,
            &[],
            eps,
            &device,
        ))
    };
    let eps = Noise::seeded(7, 0).values(2400);
    assert_eq!(drawn, given(&eps).expect("the same samples"));
    let rejected = given(&eps[..5]).expect_err("two rows and a half");
    assert!(rejected.to_string().contains("last row of ε"), "{rejected}");
    assert!(matches!(
        given(&[]),
        Err(EvidenceError::OutOfBounds { found: 0, .. })
    ));
    assert!(matches!(
        draw(0),
        Err(EvidenceError::OutOfBounds { found: 0, .. })
    ));
    let few = draw(10).expect("samples");
    let rejected = few.bound(11).expect_err("too many").to_string();
    assert!(rejected.contains("K is 11"), "{rejected}");
    assert!(few.bound(10).expect("one group").standard_error > 0.0);
}
