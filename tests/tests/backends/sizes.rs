//! Layer widths that are not multiples of the kernels' tile and vector sizes: errors at the edges would show here.

use crate::{golden::KERNEL_PATHS, log_line, on_backend, open_device};
use burn::{
    module::Module,
    tensor::{Device, Tensor, TensorData},
};
use protocol::Backend;
use vae::{
    Activation, Condition, InferenceModel, KernelPath, Likelihood, Vae, VaeConfig,
    train::{Adam, train_step},
    weights::read_parameters,
};

/// Input size, widths of the encoder's hidden layers, latent dimensions, number of images.
type Size = (usize, &'static [usize], usize, usize);

/// Below and above 4 and 8, less than a tile and several tiles, and multiples of 4 in some dimensions only.
const SIZES: [Size; 6] = [
    (1, &[1], 1, 1),
    (7, &[5], 1, 3),
    (12, &[16, 9], 4, 8),
    (30, &[33, 8], 3, 13),
    (64, &[10, 20], 16, 1),
    (65, &[17, 31], 2, 130),
];

/// For each size, our own kernels give the same decoded means, posteriors and gradients as burn's operations.
async fn check_odd_sizes(backend: Backend, tolerance: f32) {
    let Some((device, description)) = open_device(backend).await else {
        return;
    };
    let mut worst = 0.0_f32;
    for size in SIZES {
        let mut found = Vec::new();
        for path in KERNEL_PATHS {
            found.push(numbers(size, &device, path).await);
        }
        let [without, own] = found.try_into().expect("two ways");
        for (without, own) in without.iter().zip(&own) {
            let scale = without.iter().fold(1e-3_f32, |most, x| most.max(x.abs()));
            assert_eq!(without.len(), own.len(), "{size:?}");
            for (expected, found) in without.iter().zip(own) {
                let difference = (expected - found).abs() / scale;
                // Written so that NaN fails as well.
                assert!(
                    difference <= tolerance,
                    "{size:?}: {found} instead of {expected}"
                );
                worst = worst.max(difference);
            }
        }
    }
    log_line(&format!(
        "{backend} on {description}: the largest difference at odd sizes is {worst:.1e}"
    ));
}

/// Decoded means, μ, σ, and the gradient of each parameter.
async fn numbers(
    (input, hidden, latent, n): Size,
    device: &Device,
    path: KernelPath,
) -> Vec<Vec<f32>> {
    let config = VaeConfig {
        input_size: input,
        convolution: None,
        network: None,
        encoder_hidden: hidden.to_vec(),
        decoder_hidden: hidden.iter().rev().copied().collect(),
        latent_size: latent,
        classes: 0,
        activation: Activation::Gelu,
        likelihood: Likelihood::Bernoulli,
    };
    let vae = Vae::init(&config, 1, device)
        .expect("a valid architecture")
        .with_kernel_path(path);
    let x: Vec<f32> = wave(n * input).map(f32::abs).collect();
    let z: Vec<f32> = wave(n * latent).collect();
    let prepared = InferenceModel::new(vae.clone());
    let means = prepared
        .decode(z.clone(), &[])
        .await
        .expect("the device works");
    let q = prepared
        .encode(x.clone(), &[])
        .await
        .expect("the device works");
    let mut found = vec![means, q.mu, q.sigma];
    found.extend(gradients(vae, x, z, n, device).await);
    found
}

/// A tenth of the gradients: Adam's first moment after the first step.
async fn gradients(
    vae: Vae,
    x: Vec<f32>,
    eps: Vec<f32>,
    n: usize,
    device: &Device,
) -> Vec<Vec<f32>> {
    let device = device.clone().autodiff();
    let mut adam = Adam::new(&vae);
    let [x, eps] = [x, eps].map(|values| {
        let width = values.len() / n;
        Tensor::from_data(TensorData::new(values, [n, width]), &device)
    });
    train_step(
        vae.train(),
        &mut adam,
        x,
        &Condition::none(),
        eps,
        1.0,
        1e-3,
    );
    let moment = read_parameters(adam.first_moment()).await;
    let parameters = moment.expect("the device works");
    parameters
        .into_iter()
        .map(|parameter| parameter.values)
        .collect()
}

/// Deterministic values from −1 to 1.
fn wave(count: usize) -> impl Iterator<Item = f32> {
    (0..count).map(|i| (i as f32 * 0.37).sin())
}

on_backend!(
    "flex",
    odd_sizes_agree_on_flex,
    check_odd_sizes(Backend::Flex, 1e-4)
);
on_backend!(
    "ndarray",
    odd_sizes_agree_on_ndarray,
    check_odd_sizes(Backend::NdArray, 1e-4)
);
on_backend!(
    "webgpu",
    odd_sizes_agree_on_webgpu,
    check_odd_sizes(Backend::WebGpu, 1e-3)
);
