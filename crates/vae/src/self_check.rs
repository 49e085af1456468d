//! Small fixed forward and backward passes that compare two backends.

use crate::{
    Activation, Condition, ConvolutionConfig, ImageShape, KernelPath, Likelihood, Noise, Vae,
    VaeConfig,
};
use burn::tensor::{Device, ExecutionError, Tensor};

/// The results of the pass, in the same order on every backend.
#[derive(Debug, Clone, PartialEq)]
pub struct SelfCheckResult {
    /// −ELBO of the batch, in nats per image, of both models together.
    pub neg_elbo: f32,
    /// Decoded means of the batch, `[n, input]`, of one model after the other.
    pub decoded: Vec<f32>,
    /// Gradients of −ELBO for the weights of the first and of the last layer of each model, one after the other.
    pub gradients: Vec<f32>,
}

/// Runs encoder, sampling, decoder, likelihood and backward pass of two small models, a multilayer perceptron and a
/// convolutional one, with fixed weights, pixels and noise, and reads the results back.
///
/// In the browser an invalid shader only logs an error and leaves its output buffers unchanged, so a GPU backend must not be
/// used before its results agree with those of the CPU.
///
/// # Errors
/// When the device fails to compute or to return the values.
pub async fn self_check(
    device: &Device,
    path: KernelPath,
) -> Result<SelfCheckResult, ExecutionError> {
    let perceptron = VaeConfig {
        input_size: 49,
        convolution: None,
        network: None,
        encoder_hidden: vec![24],
        decoder_hidden: vec![24],
        latent_size: 3,
        classes: 0,
        activation: Activation::Gelu,
        likelihood: Likelihood::Bernoulli,
    };
    let image = ImageShape::color(9, 8);
    let convolutional = VaeConfig {
        input_size: image.values(),
        convolution: Some(ConvolutionConfig {
            image,
            channels: vec![8, 12],
        }),
        ..perceptron.clone()
    };
    let mut result = check(&perceptron, device, path).await?;
    let second = check(&convolutional, device, path).await?;
    result.neg_elbo += second.neg_elbo;
    result.decoded.extend(second.decoded);
    result.gradients.extend(second.gradients);
    Ok(result)
}

async fn check(
    config: &VaeConfig,
    device: &Device,
    path: KernelPath,
) -> Result<SelfCheckResult, ExecutionError> {
    const N: usize = 8;
    let device = device.clone().autodiff();
    let model = Vae::init(config, 11, &device)
        .expect("a fixed configuration that is valid")
        .with_kernel_path(path);
    let mut noise = Noise::seeded(12, 0);
    // Pixels in (0, 1), from the same generator on every backend.
    let x = burn::tensor::activation::sigmoid(noise.normal([N, config.input_size], &device));
    let eps = noise.normal([N, config.latent_size], &device);
    let decoded = model.decode(eps.clone(), &Condition::none());
    let loss = model.elbo(x, &Condition::none(), eps).loss(1.0);
    let mut gradients = loss.backward();
    let mut gradient = |parameter: Tensor<2>| {
        let count = parameter.shape().num_elements();
        // A missing gradient leads to a wrong number of values, which the comparison reports.
        parameter
            .grad_remove(&mut gradients)
            .map(|g| g.reshape([count]))
    };
    // They depend on the gradients of all layers between them.
    let encoder = model
        .encoder
        .convolutions
        .iter()
        .chain(&model.encoder.layers);
    let first = encoder.take(1).map(|layer| layer.weight.val());
    let last = [model.decoder.output.weight.val()];
    let gradients: Vec<Tensor<1>> = first.chain(last).filter_map(&mut gradient).collect();
    let gradients = Tensor::cat(gradients, 0);

    let read = async |tensor: Tensor<1>| -> Result<Vec<f32>, ExecutionError> {
        Ok(tensor.into_data_async().await?.iter::<f32>().collect())
    };
    let neg_elbo = read(loss.inner()).await?;
    let decoded = read(decoded.inner().reshape([N * config.input_size])).await?;
    let gradients = read(gradients).await?;
    Ok(SelfCheckResult {
        neg_elbo: neg_elbo.first().copied().unwrap_or(f32::NAN),
        decoded,
        gradients,
    })
}
