//! Layer widths, channels and sides of images that are not multiples of the kernels' tile and vector sizes: errors at the edges would show here.

use crate::{golden::KERNEL_PATHS, log_line, on_backend, open_device};
use burn::{
    module::Module,
    tensor::{Device, Tensor, TensorData},
};
use protocol::Backend;
use vae::{
    Activation, Condition, ConvolutionConfig, ImageShape, InferenceModel, KernelPath, Likelihood,
    Vae, VaeConfig,
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

/// Height, width and channels of the image, channels of the encoder's feature maps, activation, number of images.
type Convolutional = ([usize; 3], &'static [usize], Activation, usize);

/// Even and odd sides; channels below and above 4 and 8, and multiples of 4 on none, one and both sides of a convolution;
/// more positions than a bias's gradient sums at a time.
const CONVOLUTIONAL: [Convolutional; 4] = [
    ([8, 8, 1], &[1], Activation::Relu, 1),
    ([9, 12, 3], &[5], Activation::Gelu, 3),
    ([11, 8, 1], &[4, 7], Activation::Silu, 2),
    ([16, 15, 3], &[8, 12], Activation::Tanh, 5),
];

fn multilayer_perceptron((input, hidden, latent, n): Size) -> (VaeConfig, usize) {
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
    (config, n)
}

fn convolutional(
    ([height, width, colors], channels, activation, n): Convolutional,
) -> (VaeConfig, usize) {
    let image = ImageShape {
        height,
        width,
        channels: colors,
    };
    let config = VaeConfig {
        input_size: image.values(),
        convolution: Some(ConvolutionConfig {
            image,
            channels: channels.to_vec(),
        }),
        activation,
        ..multilayer_perceptron((0, &[6], 2, n)).0
    };
    (config, n)
}

/// For each size, our own kernels give the same decoded means, posteriors and gradients as burn's operations.
async fn check_odd_sizes(backend: Backend, tolerance: f32) {
    let sizes = SIZES.map(multilayer_perceptron);
    check_sizes(backend, &sizes, tolerance).await;
}

/// As [`check_odd_sizes`], of convolutional models.
async fn check_convolutional_sizes(backend: Backend, tolerance: f32) {
    let sizes = CONVOLUTIONAL.map(convolutional);
    check_sizes(backend, &sizes, tolerance).await;
}

async fn check_sizes(backend: Backend, sizes: &[(VaeConfig, usize)], tolerance: f32) {
    let Some((device, description)) = open_device(backend).await else {
        return;
    };
    let mut worst = 0.0_f32;
    for size @ (config, n) in sizes {
        let mut found = Vec::new();
        for path in KERNEL_PATHS {
            found.push(numbers(config, *n, &device, path).await);
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
        "{backend} on {description}: the largest difference at {} sizes is {worst:.1e}",
        sizes.len()
    ));
}

/// Decoded means, μ, σ, and the gradient of each parameter.
async fn numbers(config: &VaeConfig, n: usize, device: &Device, path: KernelPath) -> Vec<Vec<f32>> {
    let vae = Vae::init(config, 1, device)
        .expect("a valid architecture")
        .with_kernel_path(path);
    let x: Vec<f32> = wave(n * config.input_size).map(f32::abs).collect();
    let z: Vec<f32> = wave(n * config.latent_size).collect();
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

on_backend!(
    "flex",
    convolutional_sizes_agree_on_flex,
    check_convolutional_sizes(Backend::Flex, 1e-4)
);
on_backend!(
    "ndarray",
    convolutional_sizes_agree_on_ndarray,
    check_convolutional_sizes(Backend::NdArray, 1e-4)
);
on_backend!(
    "webgpu",
    convolutional_sizes_agree_on_webgpu,
    check_convolutional_sizes(Backend::WebGpu, 1e-3)
);
