//! p(x|z): what the decoder's output means.

mod bernoulli;
mod continuous_bernoulli;
mod gaussian;

#[cfg(feature = "webgpu")]
use crate::gpu;
use crate::host;
use burn::tensor::{Tensor, activation::sigmoid};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The distribution of an image given z. Values of different kinds are never compared: a Bernoulli
/// gives probabilities, the others densities, and a Bernoulli on grey pixels neither.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Likelihood {
    /// Each pixel Bernoulli, the decoder's output its logit (notes, Figure 9). On grey pixels it is
    /// the usual objective, though no likelihood.
    Bernoulli,
    /// N(f(z), σ²I) with the decoder's output as f(z) (notes, Equation 18).
    Gaussian {
        /// σ, in units of the pixel's range.
        sigma: f64,
    },
    /// A true density on `[0, 1]` (Loaiza-Ganem & Cunningham 2019), the output the logit of its λ.
    ContinuousBernoulli,
}

impl Likelihood {
    /// log p(x|z) of each image, in nats: the sum over its pixels.
    ///
    /// # Shapes
    /// - `output` (of the decoder) and `x`: `[n, input]`
    /// - result: `[n]`
    pub fn log_prob(self, output: Tensor<2>, x: Tensor<2>) -> Tensor<1> {
        let per_pixel = match self {
            Self::Bernoulli => bernoulli::log_prob(output, x),
            Self::Gaussian { sigma } => gaussian::log_prob(output, x, sigma),
            Self::ContinuousBernoulli => continuous_bernoulli::log_prob(output, x),
        };
        per_pixel.sum_dim(1).squeeze_dim(1)
    }

    /// η of log p(x|z) = log p(0|z) + η(z)·x + h(x), as which each kind can be written: the logits for the
    /// Bernoulli kinds, f(z)/σ² for the Gaussian.
    ///
    /// # Shapes
    /// - `output` (of the decoder), result: `[n, input]`
    pub(crate) fn natural(self, output: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Bernoulli | Self::ContinuousBernoulli => output,
            Self::Gaussian { sigma } => output.div_scalar(sigma * sigma),
        }
    }

    /// h of the same, in nats: −½ ‖x‖²/σ² for the Gaussian, otherwise nothing.
    ///
    /// # Shapes
    /// - `image`: `[input]`
    pub(crate) fn log_base(self, image: &[f32]) -> f64 {
        match self {
            Self::Bernoulli | Self::ContinuousBernoulli => 0.0,
            Self::Gaussian { sigma } => {
                let squares: f64 = image.iter().map(|&x| f64::from(x).powi(2)).sum();
                -0.5 * squares / (sigma * sigma)
            }
        }
    }

    /// A Gaussian with its σ² moved by `share` of the way to the one under which images are
    /// likeliest, whose mean log p(x|z) was `log_prob` nats; other kinds stay as they are.
    pub(crate) fn towards_likeliest_sigma(self, log_prob: f64, pixels: usize, share: f64) -> Self {
        match self {
            Self::Gaussian { sigma } => Self::Gaussian {
                sigma: gaussian::towards_likeliest_sigma(sigma, log_prob, pixels, share),
            },
            other => other,
        }
    }

    /// As [`mean`](Self::mean), of numbers in this program's memory, in place.
    pub(crate) fn mean_in_place(self, output: &mut [f32]) {
        match self {
            Self::Bernoulli | Self::ContinuousBernoulli => {
                for value in output {
                    *value = host::sigmoid(*value);
                }
            }
            Self::Gaussian { .. } => {}
        }
    }

    /// The picture for a decoder output: sigmoid of the logits for the Bernoulli kinds (λ for the
    /// continuous one, whose mean is another number), f(z) for the Gaussian. Same shape.
    pub fn mean(self, output: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Bernoulli | Self::ContinuousBernoulli if host::goes_forward(&output) => {
                let device = output.device();
                let mut data = output.into_data();
                self.mean_in_place(host::floats_mut(&mut data));
                Tensor::from_data(data, &device)
            }
            #[cfg(feature = "webgpu")]
            Self::Bernoulli | Self::ContinuousBernoulli if gpu::holds(&output) => {
                gpu::pointwise(output, gpu::Function::Sigmoid)
            }
            Self::Bernoulli | Self::ContinuousBernoulli => sigmoid(output),
            Self::Gaussian { .. } => output,
        }
    }
}

impl fmt::Display for Likelihood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bernoulli => f.write_str("Bernoulli"),
            Self::Gaussian { sigma } => write!(f, "Gaussian, σ = {sigma}"),
            Self::ContinuousBernoulli => f.write_str("continuous Bernoulli"),
        }
    }
}
