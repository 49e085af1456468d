//! A model for inference: encoding and decoding with fixed weights.

use crate::{Condition, DiagonalGaussian, Vae, cpu};
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};
use kernels::{
    conv::PackedConvolutions,
    latent::sigma,
    likelihood::mean_in_place,
    mlp::{PackedMlp, append_columns},
};

/// A model with fixed weights for many forward passes. On a CPU backend its weights are packed once, unless the model
/// computes by [`KernelPath::Reference`](crate::KernelPath::Reference); otherwise it evaluates the model.
#[derive(Debug)]
pub struct InferenceModel {
    model: Vae,
    device: Device,
    packed: Option<PackedVae>,
}

/// The packed weights of both networks.
#[derive(Debug)]
struct PackedVae {
    encoder: (Option<PackedConvolutions>, PackedMlp),
    decoder: (PackedMlp, Option<PackedConvolutions>),
}

impl PackedVae {
    /// Each head's output for images, `[n, latent]`.
    fn encode(&self, images: Vec<f32>, n: usize, class_weights: &[f32]) -> Vec<Vec<f32>> {
        let (convolutions, layers) = &self.encoder;
        let features = match convolutions {
            Some(convolutions) => convolutions.forward(images),
            None => images,
        };
        let input = append_columns(&features, n, class_weights, class_weights.len());
        layers.forward(input, n)
    }

    /// The raw output for each z, `[n, input]`.
    fn decode(&self, z: &[f32], n: usize, class_weights: &[f32]) -> Vec<f32> {
        let (layers, convolutions) = &self.decoder;
        let input = append_columns(z, n, class_weights, class_weights.len());
        let output = layers.forward(input, n).pop().unwrap_or_default();
        match convolutions {
            Some(convolutions) => convolutions.forward(output),
            None => output,
        }
    }
}

/// q(z|x) of images: `[n, latent]` both, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// μ.
    pub mu: Vec<f32>,
    /// σ.
    pub sigma: Vec<f32>,
}

impl InferenceModel {
    /// Packs the weights of `model` on a CPU backend, which doubles the memory that they take.
    pub fn new(model: Vae) -> Self {
        let weight = model.decoder.output.weight.val();
        let device = weight.device().inner();
        // Models with operations of their own compute by burn's operations.
        let packed = cpu::uses_kernels(&weight, model.kernel_path()).then(|| PackedVae {
            encoder: model.encoder.pack(),
            decoder: model.decoder.pack(),
        });
        Self {
            model,
            device,
            packed,
        }
    }

    /// The model.
    pub fn model(&self) -> &Vae {
        &self.model
    }

    /// The mean image for each z, as [`Vae::decode`]: `[n, input]`, row-major.
    ///
    /// # Shapes
    /// - `z`: `[n, latent]`, row-major; an incomplete last row is ignored
    /// - `class_weights`: `[classes]`, the same for all; empty for an unconditional model
    ///
    /// # Errors
    /// When the device fails to compute or to return the values.
    ///
    /// # Panics
    /// If the number of class weights is not the model's; callers validate it.
    pub async fn decode(
        &self,
        mut z: Vec<f32>,
        class_weights: &[f32],
    ) -> Result<Vec<f32>, ExecutionError> {
        let latent = self.model.latent_size();
        let n = z.len() / latent;
        z.truncate(n * latent);
        if n == 0 {
            return Ok(Vec::new());
        }
        if let Some(networks) = &self.packed {
            let mut means = networks.decode(&z, n, class_weights);
            mean_in_place(self.model.likelihood, &mut means);
            return Ok(means);
        }
        let z = Tensor::from_data(TensorData::new(z, [n, latent]), &self.device);
        let condition = Condition::shared(class_weights, n, &self.device);
        read(self.model.decode(z, &condition)).await
    }

    /// q(z|x) of each image.
    ///
    /// # Shapes
    /// - `images`: `[n, input]`, row-major; an incomplete last row is ignored
    /// - `class_weights`: `[classes]`, the same for all; empty for an unconditional model
    ///
    /// # Errors
    /// When the device fails to compute or to return the values.
    ///
    /// # Panics
    /// If the number of class weights is not the model's; callers validate it.
    pub async fn encode(
        &self,
        mut images: Vec<f32>,
        class_weights: &[f32],
    ) -> Result<Encoded, ExecutionError> {
        let input = self.model.input_size();
        let n = images.len() / input;
        images.truncate(n * input);
        if n == 0 {
            return Ok(Encoded {
                mu: Vec::new(),
                sigma: Vec::new(),
            });
        }
        if let Some(networks) = &self.packed {
            let mut heads = networks.encode(images, n, class_weights).into_iter();
            let (mu, log_var) = (heads.next(), heads.next());
            return Ok(Encoded {
                mu: mu.unwrap_or_default(),
                sigma: log_var.unwrap_or_default().into_iter().map(sigma).collect(),
            });
        }
        let x = Tensor::from_data(TensorData::new(images, [n, input]), &self.device);
        let condition = Condition::shared(class_weights, n, &self.device);
        let q: DiagonalGaussian = self.model.encoder.forward(x, &condition);
        // Concatenated, so that a GPU is read once.
        let sigma = q.std();
        let mut mu = read(Tensor::cat(vec![q.mu, sigma], 0)).await?;
        let sigma = mu.split_off(mu.len() / 2);
        Ok(Encoded { mu, sigma })
    }
}

async fn read(tensor: Tensor<2>) -> Result<Vec<f32>, ExecutionError> {
    let data = tensor.into_data_async().await?;
    Ok(data.iter::<f32>().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Activation, ChannelScales, ConvolutionConfig, ImageShape, KernelPath, Likelihood, VaeConfig,
    };
    use futures_lite::future::block_on;

    fn close(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
        }
    }

    #[test]
    fn inference_model_with_packed_convolutions_agrees_with_the_model() {
        let values = |count: usize| -> Vec<f32> { (0..count).map(|i| (i as f32).sin()).collect() };
        for (image, channels, classes) in [
            (ImageShape::color(9, 12), vec![5, 6], 0),
            (ImageShape::grey(8, 8), vec![4], 3),
            (ImageShape::grey(15, 10), vec![3, 4, 5], 2),
        ] {
            let scales = ChannelScales::equal(0.1, image.channels);
            let likelihood = Likelihood::DiscretizedLogistic { scales };
            let convolution = ConvolutionConfig { image, channels };
            let config = VaeConfig {
                classes,
                ..VaeConfig::convolutional(convolution, vec![7], 4, likelihood)
            };
            let model = Vae::init(&config, 8, &Device::flex()).expect("valid");
            assert_eq!(model.config(), config);
            let fast = InferenceModel::new(model.clone());
            let reference = InferenceModel::new(model.with_kernel_path(KernelPath::Reference));
            let class_weights = values(classes);
            for n in [1, 2, 40] {
                let [found, expected] = [&fast, &reference].map(|model| {
                    let images = values(n * image.values());
                    let means = block_on(model.decode(values(n * 4), &class_weights));
                    let q = block_on(model.encode(images, &class_weights));
                    (means.expect("computes"), q.expect("computes"))
                });
                close(&found.0, &expected.0);
                close(&found.1.mu, &expected.1.mu);
                close(&found.1.sigma, &expected.1.sigma);
            }
        }
    }

    #[test]
    fn inference_model_with_packed_weights_agrees_with_the_model() {
        let values = |count: usize| -> Vec<f32> { (0..count).map(|i| (i as f32).sin()).collect() };
        let likelihoods = Likelihood::of_each_kind(0.2).into_iter().cycle();
        for ((activation, likelihood), classes) in Activation::ALL
            .into_iter()
            .zip(likelihoods)
            .zip([0, 3, 0, 2].into_iter().cycle())
        {
            let config = VaeConfig {
                input_size: 37,
                convolution: None,
                network: None,
                encoder_hidden: vec![21, 12],
                decoder_hidden: vec![9, 34],
                latent_size: 5,
                classes,
                activation,
                likelihood,
            };
            let model = Vae::init(&config, 8, &Device::flex()).expect("valid");
            let fast = InferenceModel::new(model.clone());
            let reference = InferenceModel::new(model.with_kernel_path(KernelPath::Reference));
            assert!(fast.packed.is_some() && reference.packed.is_none());
            let class_weights = values(classes);
            for n in [0, 1, 2, 50] {
                let [found, expected] = [&fast, &reference].map(|model| {
                    let means =
                        block_on(model.decode(values(n * 5), &class_weights)).expect("computes");
                    let q =
                        block_on(model.encode(values(n * 37), &class_weights)).expect("computes");
                    (means, q)
                });
                close(&found.0, &expected.0);
                close(&found.1.mu, &expected.1.mu);
                close(&found.1.sigma, &expected.1.sigma);
            }
        }
    }

    /// Large batches of tensors also use the kernels.
    #[test]
    fn encoder_and_decoder_by_kernels_agree_with_tensor_operations() {
        let config = VaeConfig {
            input_size: 20,
            convolution: None,
            network: None,
            encoder_hidden: vec![11],
            decoder_hidden: vec![7],
            latent_size: 3,
            classes: 0,
            activation: Activation::Silu,
            likelihood: Likelihood::Bernoulli,
        };
        let device = Device::flex();
        let model = Vae::init(&config, 8, &device).expect("valid");
        let x = Tensor::<2>::from_data(TensorData::new(vec![0.3_f32; 40 * 20], [40, 20]), &device);
        let [found, expected] = [KernelPath::Fused, KernelPath::Reference].map(|path| {
            let model = model.clone().with_kernel_path(path);
            let q = model.encoder.forward(x.clone(), &Condition::none());
            let z = q.mu.clone();
            let means = model.decode(z, &Condition::none());
            [q.mu, q.log_var, means].map(cpu::to_vec)
        });
        for (found, expected) in found.iter().zip(&expected) {
            close(found, expected);
        }
    }
}
