//! A model made ready for many passes.

use crate::{Condition, DiagonalGaussian, LOG_VAR_MAX, LOG_VAR_MIN, LikelihoodOps as _, Vae, host};
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};

/// A model whose weights stay as they are for many passes: where they lie in this program's own memory they are
/// laid out for them once. Elsewhere, and where [`set_fast`](crate::set_fast) has turned that off, it asks the
/// model.
#[derive(Debug)]
pub struct Prepared {
    model: Vae,
    device: Device,
    host: Option<Networks>,
}

/// The model's two networks, laid out.
#[derive(Debug)]
struct Networks {
    encoder: host::Network,
    decoder: host::Network,
}

/// q(z|x) of images: `[n × latent]` both, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    /// μ.
    pub mu: Vec<f32>,
    /// σ.
    pub sigma: Vec<f32>,
}

impl Prepared {
    /// Makes this model ready. It takes as much memory again as its weights do, on a CPU backend.
    pub fn new(model: Vae) -> Self {
        let weight = model.decoder.output.weight.val();
        let device = weight.device().inner();
        let host = host::is_fast_for(&weight).then(|| Networks {
            encoder: model.encoder.network(),
            decoder: model.decoder.network(),
        });
        Self {
            model,
            device,
            host,
        }
    }

    /// The model.
    pub fn model(&self) -> &Vae {
        &self.model
    }

    /// The picture for each z, as [`Vae::decode`] gives it: `[n × input]`, row by row.
    ///
    /// # Shapes
    /// - `z`: `[n × latent]`, row by row; a rest that fills no row is left out
    /// - `class_weights`: `[classes]`, for all; none for a model without
    ///
    /// # Errors
    /// When the device could not compute or hand over the numbers.
    ///
    /// # Panics
    /// If the class weights are not the model's; callers check at their boundary.
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
        if let Some(networks) = &self.host {
            let input = host::append(&z, n, class_weights, class_weights.len());
            let mut means = networks.decoder.forward(input, n).pop().unwrap_or_default();
            self.model.likelihood.mean_in_place(&mut means);
            return Ok(means);
        }
        let z = Tensor::from_data(TensorData::new(z, [n, latent]), &self.device);
        let condition = Condition::shared(class_weights, n, &self.device);
        numbers(self.model.decode(z, &condition)).await
    }

    /// q(z|x) of each image.
    ///
    /// # Shapes
    /// - `images`: `[n × input]`, row by row; a rest that fills no image is left out
    /// - `class_weights`: `[classes]`, for all; none for a model without
    ///
    /// # Errors
    /// When the device could not compute or hand over the numbers.
    ///
    /// # Panics
    /// If the class weights are not the model's; callers check at their boundary.
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
        if let Some(networks) = &self.host {
            let x = host::append(&images, n, class_weights, class_weights.len());
            let mut heads = networks.encoder.forward(x, n).into_iter();
            let (mu, log_var) = (heads.next(), heads.next());
            return Ok(Encoded {
                mu: mu.unwrap_or_default(),
                sigma: log_var.unwrap_or_default().into_iter().map(sigma).collect(),
            });
        }
        let x = Tensor::from_data(TensorData::new(images, [n, input]), &self.device);
        let condition = Condition::shared(class_weights, n, &self.device);
        let q: DiagonalGaussian = self.model.encoder.forward(x, &condition);
        // One after the other in one tensor: a GPU is waited for once.
        let sigma = q.std();
        let mut mu = numbers(Tensor::cat(vec![q.mu, sigma], 0)).await?;
        let sigma = mu.split_off(mu.len() / 2);
        Ok(Encoded { mu, sigma })
    }
}

/// σ of log σ².
fn sigma(log_var: f32) -> f32 {
    let log_var = log_var.clamp(LOG_VAR_MIN as f32, LOG_VAR_MAX as f32);
    (0.5 * log_var).exp()
}

async fn numbers(tensor: Tensor<2>) -> Result<Vec<f32>, ExecutionError> {
    let data = tensor.into_data_async().await?;
    Ok(data.iter::<f32>().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Likelihood, VaeConfig, set_fast};
    use futures_lite::future::block_on;

    fn close(found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5, "{found}, not {expected}");
        }
    }

    #[test]
    fn laid_out_and_asked_it_says_the_same() {
        let values = |count: usize| -> Vec<f32> { (0..count).map(|i| (i as f32).sin()).collect() };
        for (activation, likelihood, classes) in [
            (Activation::Relu, Likelihood::Bernoulli, 0),
            (Activation::Gelu, Likelihood::Gaussian { sigma: 0.2 }, 3),
            (Activation::Silu, Likelihood::ContinuousBernoulli, 0),
            (Activation::Tanh, Likelihood::Bernoulli, 2),
        ] {
            let config = VaeConfig {
                input_size: 37,
                encoder_hidden: vec![21, 12],
                decoder_hidden: vec![9, 34],
                latent_size: 5,
                classes,
                activation,
                likelihood,
            };
            let model = Vae::init(&config, 8, &Device::flex()).expect("valid");
            let fast = Prepared::new(model.clone());
            set_fast(false);
            let reference = Prepared::new(model);
            assert!(fast.host.is_some() && reference.host.is_none());
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
            set_fast(true);
        }
    }

    /// A batch of tensors goes the fast way, too, where that is worth it.
    #[test]
    fn batches_go_through_alike() {
        let config = VaeConfig {
            input_size: 20,
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
        let [found, expected] = [true, false].map(|fast| {
            set_fast(fast);
            let q = model.encoder.forward(x.clone(), &Condition::none());
            let z = q.mu.clone();
            let means = model.decode(z, &Condition::none());
            [q.mu, q.log_var, means].map(host::numbers)
        });
        set_fast(true);
        for (found, expected) in found.iter().zip(&expected) {
            close(found, expected);
        }
    }
}
