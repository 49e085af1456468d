//! Tests of training against a closed form: a linear VAE with a Gaussian likelihood converges to probabilistic PCA (Tipping
//! & Bishop 1999), because all other stationary points are unstable (Lucas et al. 2019).

use super::{TrainingImages, TrainingRun, TrainingSpec};
use crate::{Activation, Condition, Likelihood, Noise, Vae, VaeConfig};
use burn::{
    nn::Linear,
    tensor::{Device, Tensor, TensorData},
};
use std::f64::consts::PI;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Pixels of an image.
const D: usize = 8;
/// Latent dimensions.
const K: usize = 2;
const IMAGES: usize = 400;

type Matrix = [[f64; D]; D];

/// The result of a future that is ready at once, as on a CPU backend.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a CPU backend does not wait"),
    }
}

/// Images with two directions of variation of different size, plus noise.
fn images() -> TrainingImages {
    let directions: [[f64; D]; K] = [
        [0.14, 0.12, -0.10, 0.02, 0.08, -0.12, 0.0, 0.10],
        [-0.02, 0.06, 0.06, 0.08, -0.06, 0.04, 0.09, 0.0],
    ];
    let mut noise = Noise::seeded(51, 0);
    let pixels = (0..IMAGES).flat_map(|_| {
        let draws = noise.values(K + D);
        let (z, eps) = draws.split_at(K);
        let (z, eps): (Vec<f32>, Vec<f32>) = (z.to_vec(), eps.to_vec());
        (0..D).map(move |i| {
            let of_z: f64 = (0..K).map(|k| f64::from(z[k]) * directions[k][i]).sum();
            let grey = 0.5 + of_z + 0.05 * f64::from(eps[i]);
            (255.0 * grey).round().clamp(0.0, 255.0) as u8
        })
    });
    TrainingImages::new(crate::ImageShape::grey(1, D), pixels.collect())
}

/// The mean over all images of (x − from)(x − from)ᵀ.
fn scatter(x: &[f32], from: [f64; D]) -> Matrix {
    let mut sum = [[0.0; D]; D];
    for x in x.chunks_exact(D) {
        for (i, row) in sum.iter_mut().enumerate() {
            for (j, value) in row.iter_mut().enumerate() {
                *value += (f64::from(x[i]) - from[i]) * (f64::from(x[j]) - from[j]);
            }
        }
    }
    sum.map(|row| row.map(|value| value / IMAGES as f64))
}

/// The eigenvalues of a symmetric matrix, largest first, each with its vector: Jacobi's rotations (Golub & Van
/// Loan 2013, section 8.5).
fn eigen(mut a: Matrix) -> Vec<(f64, [f64; D])> {
    let mut vectors = [[0.0; D]; D];
    for (i, row) in vectors.iter_mut().enumerate() {
        row[i] = 1.0;
    }
    for _ in 0..30 {
        for p in 0..D {
            for q in p + 1..D {
                if a[p][q] == 0.0 {
                    continue;
                }
                let tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = tau.signum() / (tau.abs() + tau.hypot(1.0));
                let c = 1.0 / t.hypot(1.0);
                let s = t * c;
                for row in &mut a {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                for row in &mut vectors {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                let [above, below] = [a[p], a[q]];
                a[p] = std::array::from_fn(|j| c * above[j] - s * below[j]);
                a[q] = std::array::from_fn(|j| s * above[j] + c * below[j]);
            }
        }
    }
    let mut all: Vec<_> = (0..D)
        .map(|i| (a[i][i], vectors.map(|row| row[i])))
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all
}

/// σ² and the mean log p(x) of probabilistic PCA at its maximum likelihood, in nats (Tipping & Bishop 1999, section 3.2,
/// Equations 8 and 4).
fn maximum_likelihood(x: &[f32]) -> (f64, f64) {
    let mut mean = [0.0; D];
    for x in x.chunks_exact(D) {
        for (mean, &x) in mean.iter_mut().zip(x) {
            *mean += f64::from(x) / IMAGES as f64;
        }
    }
    let values: Vec<f64> = eigen(scatter(x, mean))
        .iter()
        .map(|(value, _)| *value)
        .collect();
    let rest = (D - K) as f64;
    let variance = values[K..].iter().sum::<f64>() / rest;
    let log_det = values[..K].iter().map(|value| value.ln()).sum::<f64>() + rest * variance.ln();
    let log_evidence = -0.5 * (D as f64 * (1.0 + (2.0 * PI).ln()) + log_det);
    (variance, log_evidence)
}

/// σ² of a linear model, and the mean log p(x) in nats, where p(x) = N(b, WWᵀ + σ²I).
fn log_evidence(model: &Vae, x: &[f32]) -> (f64, f64) {
    let Likelihood::Gaussian { sigma } = model.likelihood else {
        panic!("the likelihood is Gaussian");
    };
    let Linear { weight, bias } = &model.decoder.output;
    let w: Vec<f64> = weight.val().into_data().iter().collect(); // [K, D]
    let b: Vec<f64> = bias
        .as_ref()
        .expect("has one")
        .val()
        .into_data()
        .iter()
        .collect();
    let b: [f64; D] = b.try_into().expect("one for each pixel");
    let mut covariance = [[0.0; D]; D];
    for (i, row) in covariance.iter_mut().enumerate() {
        row[i] = sigma * sigma;
        for (j, value) in row.iter_mut().enumerate() {
            *value += (0..K).map(|k| w[k * D + i] * w[k * D + j]).sum::<f64>();
        }
    }
    let scatter = scatter(x, b);
    let terms = eigen(covariance).into_iter().map(|(value, vector)| {
        let along: f64 = (0..D)
            .flat_map(|i| (0..D).map(move |j| (i, j)))
            .map(|(i, j)| vector[i] * scatter[i][j] * vector[j])
            .sum();
        value.ln() + along / value
    });
    let log_evidence = -0.5 * (D as f64 * (2.0 * PI).ln() + terms.sum::<f64>());
    (sigma * sigma, log_evidence)
}

/// The mean ELBO in nats, from many samples of ε.
fn elbo(model: &Vae, x: &[f32], device: &Device) -> f64 {
    let mut noise = Noise::seeded(52, 0);
    let draws = 25;
    let all = (0..draws).map(|_| {
        let x = TensorData::new(x.to_vec(), [IMAGES, D]);
        let x = Tensor::from_data(x, device);
        let parts = model.elbo(x, &Condition::none(), noise.normal([IMAGES, K], device));
        -now(parts.summary()).expect("computes").neg_elbo()
    });
    all.sum::<f64>() / f64::from(draws)
}

#[test]
fn linear_vae_converges_to_probabilistic_pca() {
    let device = Device::flex();
    let mut images = images();
    let x = images.to_floats();
    let (variance, best) = maximum_likelihood(&x);
    let config = VaeConfig {
        input_size: D,
        convolution: None,
        network: None,
        encoder_hidden: vec![],
        decoder_hidden: vec![],
        latent_size: K,
        classes: 0,
        activation: Activation::Relu,
        likelihood: Likelihood::Gaussian { sigma: 0.3 },
    };
    let training = TrainingSpec {
        batch: 100,
        learning_rate: 0.1,
        ramp_steps: 10,
        final_share: 0.002,
        beta: 1.0,
        warm_up_steps: 0,
        learn_sigma: true,
        shift: 0,
        shift_share: 0.0,
        warp_share: 0.0,
        binarize: false,
        augmented_until: 1.0,
        weight_decay: 0.0,
        average_decay: 0.98,
        seed: 53,
        ..TrainingSpec::default()
    };
    let model = Vae::init(&config, 54, &device).expect("valid");
    let (_, before) = log_evidence(&model, &x);
    assert!(before < best - 3.0, "{before} and {best}");
    let mut run = TrainingRun::new(training, &model, &device).expect("in range");
    let steps = 2000;
    for step in 0..steps {
        let progress = f64::from(step) / f64::from(steps);
        now(run.step(&mut images, progress)).expect("trains");
    }
    let trained = run.averaged();
    let (found_variance, found) = log_evidence(trained, &x);
    let elbo = elbo(trained, &x, &device);
    // The closed form is the maximum.
    assert!(found < best + 1e-4, "{found} above {best}");
    assert!(found > best - 0.1, "{found}, not {best}");
    assert!(
        (found_variance / variance - 1.0).abs() < 0.05,
        "{found_variance}, not {variance}"
    );
    // q(z|x) converges to p(z|x), whose covariance is diagonal when the columns of W are orthogonal.
    assert!(elbo > found - 0.1, "{elbo}, not {found}");
}
