//! The evidence lower bound, term by term.

use burn::tensor::{ExecutionError, Tensor};

/// The two terms of the ELBO, E_q[log p(x|z)] − KL(q(z|x) ‖ p(z)) (notes, Equations 21 and 24; Kingma & Welling,
/// Equation 3), with the expectation estimated from one sample of z. In nats.
#[derive(Debug, Clone)]
pub struct ElboParts {
    /// log p(x|z) of each image: `[n]`.
    pub reconstruction: Tensor<1>,
    /// KL(q(z|x) ‖ p(z)) of each image and latent dimension: `[n, latent]`.
    pub kl: Tensor<2>,
    /// The mean over images and pixels of the derivative of log p(x|z) for the logarithm of the likelihood's scale, for
    /// each channel: `[channels]`. Only in training, and for a likelihood whose scale is learned by its gradient.
    pub d_log_scale: Option<Tensor<1>>,
}

impl ElboParts {
    /// The ELBO of each image: `[n]`.
    pub fn elbo(&self) -> Tensor<1> {
        self.reconstruction.clone() - self.kl.clone().sum_dim(1).squeeze_dim(1)
    }

    /// The loss of training: the batch's mean of −log p(x|z) + β·KL, a scalar. It is −ELBO for β = 1.
    pub fn loss(&self, beta: f64) -> Tensor<1> {
        self.kl.clone().sum_dim(1).mean().mul_scalar(beta) - self.reconstruction.clone().mean()
    }

    /// The same values, detached from the autodiff graph.
    pub fn inner(self) -> Self {
        Self {
            reconstruction: self.reconstruction.inner(),
            kl: self.kl.inner(),
            d_log_scale: self.d_log_scale,
        }
    }

    /// The batch's means, with a single read from the device.
    ///
    /// # Errors
    /// When the device fails to compute or to return the values: a lost GPU, no memory.
    pub async fn summary(self) -> Result<ElboSummary, ExecutionError> {
        let kl = self.kl.mean_dim(0).squeeze_dim::<1>(0); // [latent]
        let latent = kl.dims()[0];
        let reconstruction = self.reconstruction.mean(); // [1]
        let parts = [reconstruction, kl].into_iter().chain(self.d_log_scale);
        let data = Tensor::cat(parts.collect(), 0).into_data_async().await?;
        let mut values = data.iter::<f64>();
        let reconstruction = values.next().unwrap_or(f64::NAN);
        Ok(ElboSummary {
            reconstruction,
            kl_per_dimension: values.by_ref().take(latent).collect(),
            d_log_scale: values.collect(),
        })
    }
}

/// Means over a set of images, in nats per image.
#[derive(Debug, Clone, PartialEq)]
pub struct ElboSummary {
    /// Mean of log p(x|z).
    pub reconstruction: f64,
    /// Mean of KL(q(z|x) ‖ p(z)) for each latent dimension.
    pub kl_per_dimension: Vec<f64>,
    /// As [`ElboParts::d_log_scale`]; empty if there is none.
    pub d_log_scale: Vec<f64>,
}

impl ElboSummary {
    /// Mean of KL(q(z|x) ‖ p(z)), summed over the dimensions.
    pub fn kl(&self) -> f64 {
        self.kl_per_dimension.iter().sum()
    }

    /// −ELBO: lower is better.
    pub fn neg_elbo(&self) -> f64 {
        self.kl() - self.reconstruction
    }
}
