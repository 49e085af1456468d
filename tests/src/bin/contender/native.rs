//! Measures the benchmark's rows natively, and prints a table.

#![expect(
    clippy::disallowed_types,
    reason = "native only, where `std` has a clock"
)]

use crate::{KIND, train::TrainableModel};
use burn::tensor::{Device, Tensor};
use futures_lite::future::block_on;
use std::time::Instant;
use vae::{Activation, InferenceModel, KernelPath, Likelihood, Vae, VaeConfig};

/// Batch size of a training step.
const BATCH: usize = 128;
/// Samples per row, alternating with the other rows.
const ROUNDS: usize = 9;
/// Calls per sample.
const CALLS: usize = 20;

/// Opens the backend, measures it and prints medians in milliseconds.
pub(crate) fn run() {
    let opened = block_on(engine::open(KIND, |reason| {
        panic!("the device is lost: {reason}")
    }));
    let opened = opened.unwrap_or_else(|error| panic!("{KIND} does not open: {error}"));
    let name = opened
        .description
        .unwrap_or_else(|| "on the CPU".to_owned());
    println!("{KIND}, {name}: medians of {ROUNDS} timings of {CALLS} calls, ms (quartiles)\n");
    println!("| | our kernels | burn's operations |\n| --- | ---: | ---: |");
    for (size, config) in [("S", small()), ("L", large())] {
        time(size, &config, &opened.device);
    }
}

/// The architecture of the included 16-D model.
fn small() -> VaeConfig {
    config(Activation::Gelu, &[256, 128], 16)
}

fn large() -> VaeConfig {
    config(Activation::Relu, &[512, 512], 20)
}

fn config(activation: Activation, hidden: &[usize], latent_size: usize) -> VaeConfig {
    VaeConfig {
        input_size: 784,
        convolution: None,
        network: None,
        encoder_hidden: hidden.to_vec(),
        decoder_hidden: hidden.iter().rev().copied().collect(),
        latent_size,
        classes: 0,
        activation,
        likelihood: Likelihood::Bernoulli,
    }
}

/// Measures one model, alternating between our own kernels and burn's operations (or the simplest kernels).
fn time(size: &str, config: &VaeConfig, device: &Device) {
    let vae = Vae::init(config, 1, device).expect("a fixed architecture that is valid");
    let images = wave(BATCH * config.input_size)
        .map(f32::abs)
        .collect::<Vec<_>>();
    let noise: Vec<f32> = wave(400 * config.latent_size).collect();
    let mut rows: Vec<(&str, [Vec<f64>; 2])> = Vec::new();
    for round in 0..=ROUNDS {
        for (path_index, path) in [KernelPath::Fused, KernelPath::Reference]
            .into_iter()
            .enumerate()
        {
            let vae = vae.clone().with_kernel_path(path);
            let prepared = InferenceModel::new(vae.clone());
            let mut trainable = TrainableModel::new(&vae, device);
            let mut step =
                || trainable.step(images.clone(), noise[..BATCH * config.latent_size].to_vec());
            let decode = |n: usize| {
                let z = noise[..n * config.latent_size].to_vec();
                block_on(prepared.decode(z, &[])).expect("the device computes");
            };
            let encode = || {
                let x = images[..config.input_size].to_vec();
                block_on(prepared.encode(x, &[])).expect("the device computes");
            };
            let timings = [
                (
                    "training step, loss read every step",
                    mean_time(|| wait_for(step())),
                ),
                (
                    "training step, loss read after the last step",
                    mean_time_of_queue(&mut step),
                ),
                ("decode 1", mean_time(|| decode(1))),
                ("decode 400", mean_time(|| decode(400))),
                ("encode 1", mean_time(encode)),
            ];
            // The first round is a warm-up.
            for (row, (name, ms)) in timings.into_iter().enumerate().filter(|_| round > 0) {
                if rows.len() == row {
                    rows.push((name, [Vec::new(), Vec::new()]));
                }
                rows[row].1[path_index].push(ms);
            }
        }
    }
    for (name, times) in rows {
        let [kernels, burn] = times.map(quartiles);
        println!("| {name}, {size} | {kernels} | {burn} |");
    }
}

/// Mean milliseconds per call.
fn mean_time(mut call: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..CALLS).for_each(|_| call());
    start.elapsed().as_secs_f64() * 1e3 / CALLS as f64
}

/// The same for training steps of which only the last is awaited.
fn mean_time_of_queue(step: &mut impl FnMut() -> Tensor<1>) -> f64 {
    let start = Instant::now();
    if let Some(last) = (0..CALLS).map(|_| step()).last() {
        wait_for(last);
    }
    start.elapsed().as_secs_f64() * 1e3 / CALLS as f64
}

/// Waits for the result.
fn wait_for(loss: Tensor<1>) {
    let loss: f32 = loss.into_scalar();
    assert!(loss.is_finite(), "−ELBO is {loss}");
}

/// Deterministic values from −1 to 1.
fn wave(count: usize) -> impl Iterator<Item = f32> {
    (0..count).map(|i| (i as f32 * 0.37).sin())
}

fn quartiles(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize];
    format!("{:.3} ({:.3} to {:.3})", at(0.5), at(0.25), at(0.75))
}
