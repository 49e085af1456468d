//! Likelihoods whose log density is affine in the image, up to a term without z.

use burn::tensor::Tensor;

/// An exponential family whose sufficient statistic is the image x: log p(x|z) = log p(0|z) + η(z)·x + h(x).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ExponentialFamily {
    /// η are the logits and h(x) = 0, for the Bernoulli and the continuous Bernoulli.
    Bernoulli,
    /// η = f(z)/σ² and h(x) = −½ ‖x‖²/σ².
    Gaussian {
        /// σ².
        variance: f64,
    },
}

impl ExponentialFamily {
    /// The natural parameter η(z).
    ///
    /// # Shapes
    /// - `output` (of the decoder), result: `[n, input]`
    pub fn natural_parameter(self, output: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Bernoulli => output,
            Self::Gaussian { variance } => output.div_scalar(variance),
        }
    }

    /// The log base measure h(x), in nats.
    ///
    /// # Shapes
    /// - `image`: `[input]`
    pub fn log_base(self, image: &[f32]) -> f64 {
        match self {
            Self::Bernoulli => 0.0,
            Self::Gaussian { variance } => {
                let squares: f64 = image.iter().map(|&x| f64::from(x).powi(2)).sum();
                -0.5 * squares / variance
            }
        }
    }

    /// As [`log_base`](Self::log_base), of a batch.
    ///
    /// # Shapes
    /// - `x`: `[n, input]`
    /// - result: `[n, 1]`
    pub(crate) fn log_base_of(self, x: Tensor<2>) -> Tensor<2> {
        let sum = x.square().sum_dim(1);
        match self {
            Self::Bernoulli => sum.mul_scalar(0.0),
            Self::Gaussian { variance } => sum.mul_scalar(-0.5 / variance),
        }
    }
}
