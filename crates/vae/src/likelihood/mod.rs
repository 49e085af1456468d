//! Likelihoods p(x|z) on tensors.

mod bernoulli;
mod continuous_bernoulli;
mod gaussian;

#[cfg(feature = "webgpu")]
use crate::gpu;
use crate::{KernelPath, cpu};
use burn::tensor::{Tensor, activation::sigmoid};
use kernels::likelihood::mean_in_place;
use spec::Likelihood;

/// The arithmetic of a [`Likelihood`] on tensors.
pub trait LikelihoodOps: Sized {
    /// log p(x|z) of each image, in nats: the sum over its pixels.
    ///
    /// # Shapes
    /// - `output` (of the decoder) and `x`: `[n, input]`
    /// - result: `[n]`
    fn log_prob(self, output: Tensor<2>, x: Tensor<2>, path: KernelPath) -> Tensor<1>;

    /// The image for a decoder output: sigmoid of the logits for the Bernoulli kinds (λ for the
    /// continuous one, which differs from its mean), f(z) for the Gaussian. Same shape.
    fn mean(self, output: Tensor<2>, path: KernelPath) -> Tensor<2>;

    /// The natural parameter η in log p(x|z) = log p(0|z) + η(z)·x + h(x): the logits for the
    /// Bernoulli kinds, f(z)/σ² for the Gaussian.
    ///
    /// # Shapes
    /// - `output` (of the decoder), result: `[n, input]`
    fn natural(self, output: Tensor<2>) -> Tensor<2>;

    /// The log base measure h(x) of the same equation, in nats: −½ ‖x‖²/σ² for the Gaussian, 0 otherwise.
    ///
    /// # Shapes
    /// - `image`: `[input]`
    fn log_base(self, image: &[f32]) -> f64;

    /// A Gaussian whose σ² has moved by `share` of the way to its maximum-likelihood estimate, given the mean
    /// log p(x|z) of a batch, `log_prob` nats. Other kinds are returned unchanged.
    fn towards_ml_sigma(self, log_prob: f64, pixels: usize, share: f64) -> Self;
}

impl LikelihoodOps for Likelihood {
    fn log_prob(self, output: Tensor<2>, x: Tensor<2>, path: KernelPath) -> Tensor<1> {
        let per_pixel = match self {
            Self::Bernoulli => bernoulli::log_prob(output, x, path),
            Self::Gaussian { sigma } => gaussian::log_prob(output, x, sigma),
            Self::ContinuousBernoulli => continuous_bernoulli::log_prob(output, x, path),
        };
        per_pixel.sum_dim(1).squeeze_dim(1)
    }

    fn natural(self, output: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Bernoulli | Self::ContinuousBernoulli => output,
            Self::Gaussian { sigma } => output.div_scalar(sigma * sigma),
        }
    }

    fn log_base(self, image: &[f32]) -> f64 {
        match self {
            Self::Bernoulli | Self::ContinuousBernoulli => 0.0,
            Self::Gaussian { sigma } => {
                let squares: f64 = image.iter().map(|&x| f64::from(x).powi(2)).sum();
                -0.5 * squares / (sigma * sigma)
            }
        }
    }

    fn towards_ml_sigma(self, log_prob: f64, pixels: usize, share: f64) -> Self {
        match self {
            Self::Gaussian { sigma } => Self::Gaussian {
                sigma: gaussian::towards_ml_sigma(sigma, log_prob, pixels, share),
            },
            other => other,
        }
    }

    fn mean(self, output: Tensor<2>, path: KernelPath) -> Tensor<2> {
        match self {
            Self::Bernoulli | Self::ContinuousBernoulli
                if cpu::uses_forward_kernels(&output, path) =>
            {
                let device = output.device();
                let mut data = output.into_data();
                mean_in_place(self, cpu::as_mut_slice(&mut data));
                Tensor::from_data(data, &device)
            }
            #[cfg(feature = "webgpu")]
            Self::Bernoulli | Self::ContinuousBernoulli if gpu::uses_kernels(&output, path) => {
                gpu::pointwise(output, gpu::Function::Sigmoid)
            }
            Self::Bernoulli | Self::ContinuousBernoulli => sigmoid(output),
            Self::Gaussian { .. } => output,
        }
    }
}
