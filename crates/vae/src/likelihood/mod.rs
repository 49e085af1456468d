//! Likelihoods p(x|z) on tensors.

mod bernoulli;
mod continuous_bernoulli;
mod discretized_logistic;
mod exponential_family;
mod gaussian;

#[cfg(feature = "webgpu")]
use crate::gpu;
use crate::{ElboSummary, KernelPath, cpu};
use burn::tensor::{Tensor, activation::sigmoid};
pub use exponential_family::ExponentialFamily;
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
    /// continuous one, which differs from its mean), f(z) for the Gaussian, the location for the discretized logistic,
    /// clamped to the range of the levels. Same shape.
    fn mean(self, output: Tensor<2>, path: KernelPath) -> Tensor<2>;

    /// The terms of log p(x|z) = log p(0|z) + η(z)·x + h(x), or `None` where log p(x|z) has no such form, as for a
    /// Laplace distribution. [Quadrature](crate::evidence::GridPass) needs this form.
    fn exponential_family(self) -> Option<ExponentialFamily>;

    /// The derivative of log p(x|z) for the logarithm of the scale of each channel, in nats: the mean over images and
    /// pixels, `[channels]`. `None` for a likelihood whose scale is not learned by its gradient.
    ///
    /// # Shapes
    /// - `output` (of the decoder) and `x`: `[n, input]`
    fn d_log_scale(self, output: Tensor<2>, x: Tensor<2>) -> Option<Tensor<1>>;

    /// A Gaussian whose σ² has moved by `share` of the way to its maximum-likelihood estimate, or a discretized logistic
    /// whose scales have moved by about as much, given a batch's means. Other kinds are returned unchanged.
    fn towards_ml_scale(self, elbo: &ElboSummary, values: usize, share: f64) -> Self;
}

impl LikelihoodOps for Likelihood {
    fn log_prob(self, output: Tensor<2>, x: Tensor<2>, path: KernelPath) -> Tensor<1> {
        let per_pixel = match self {
            Self::Bernoulli => bernoulli::log_prob(output, x, path),
            Self::Gaussian { sigma } => gaussian::log_prob(output, x, sigma),
            Self::ContinuousBernoulli => continuous_bernoulli::log_prob(output, x, path),
            Self::DiscretizedLogistic { scales } => {
                discretized_logistic::log_prob(output, x, scales, path)
            }
        };
        per_pixel.sum_dim(1).squeeze_dim(1)
    }

    fn exponential_family(self) -> Option<ExponentialFamily> {
        match self {
            Self::Bernoulli | Self::ContinuousBernoulli => Some(ExponentialFamily::Bernoulli),
            Self::Gaussian { sigma } => Some(ExponentialFamily::Gaussian {
                variance: sigma * sigma,
            }),
            Self::DiscretizedLogistic { .. } => None,
        }
    }

    fn d_log_scale(self, output: Tensor<2>, x: Tensor<2>) -> Option<Tensor<1>> {
        match self {
            Self::DiscretizedLogistic { scales } => {
                Some(discretized_logistic::d_log_scale(output, x, scales))
            }
            Self::Bernoulli | Self::ContinuousBernoulli | Self::Gaussian { .. } => None,
        }
    }

    fn towards_ml_scale(self, elbo: &ElboSummary, values: usize, share: f64) -> Self {
        match self {
            Self::Gaussian { sigma } => Self::Gaussian {
                sigma: gaussian::towards_ml_sigma(sigma, elbo.reconstruction, values, share),
            },
            Self::DiscretizedLogistic { scales } => Self::DiscretizedLogistic {
                scales: discretized_logistic::towards_ml_scales(scales, &elbo.d_log_scale, share),
            },
            Self::Bernoulli | Self::ContinuousBernoulli => self,
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
            Self::DiscretizedLogistic { .. } => output.clamp(0.0, 1.0),
        }
    }
}
