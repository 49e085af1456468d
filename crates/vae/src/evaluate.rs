//! Evaluation of a model on a set of images.

use crate::{Condition, ElboSummary, LikelihoodOps as _, Noise, Vae};
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};

/// A latent dimension counts as active when the variance over x of its posterior mean is above this
/// (Burda et al. 2015, section 5.2).
pub const ACTIVE_UNIT_VARIANCE: f64 = 0.01;

/// Means over a set of images, in nats per image.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Number of images.
    pub count: usize,
    /// Samples of ε per image.
    pub samples: usize,
    /// The parts of the ELBO.
    pub elbo: ElboSummary,
    /// Standard error of −ELBO over the images.
    pub standard_error: f64,
    /// The variance over x of the posterior mean, for each latent dimension.
    pub mean_variance: Vec<f64>,
}

impl Evaluation {
    /// Number of active latent dimensions, by [`ACTIVE_UNIT_VARIANCE`].
    pub fn active_units(&self) -> usize {
        self.mean_variance
            .iter()
            .filter(|&&variance| variance > ACTIVE_UNIT_VARIANCE)
            .count()
    }
}

/// Evaluates the ELBO with `samples` draws of ε per image: a bound of log p(x), or of log p(x|c) given the label for a
/// conditional model.
///
/// # Shapes
/// - `images`: `[count, input]`, row-major; an incomplete last row is ignored
/// - `labels`: `[count]`; ignored, and may be empty, for an unconditional model
///
/// # Errors
/// When the device fails to compute or to return the values.
///
/// # Panics
/// If there are fewer labels than images for a conditional model; callers validate it.
pub async fn evaluate(
    model: &Vae,
    images: &[f32],
    labels: &[u8],
    samples: usize,
    seed: u64,
    device: &Device,
) -> Result<Evaluation, ExecutionError> {
    const BATCH: usize = 500;
    let (input, latent) = (model.input_size(), model.latent_size());
    let mut noise = Noise::seeded(seed, 0);
    let (mut reconstruction, mut elbo_sum, mut elbo_squares) = (0.0, 0.0, 0.0);
    let mut kl = vec![0.0; latent];
    let (mut mean, mut mean_squares) = (vec![0.0; latent], vec![0.0; latent]);
    let mut count = 0;
    for batch in images.chunks(BATCH * input) {
        let n = batch.len() / input;
        if n == 0 {
            break;
        }
        let x = Tensor::<2>::from_data(
            TensorData::new(batch[..n * input].to_vec(), [n, input]),
            device,
        );
        let condition = match model.classes() {
            0 => Condition::none(),
            classes => Condition::of_labels(&labels[count..count + n], classes, device),
        };
        let q = model.encoder.forward(x.clone(), &condition);
        let mut log_prob = Tensor::<1>::zeros([n], device);
        for _ in 0..samples {
            let z = q.reparameterize(noise.normal([n, latent], device));
            let output = model.decoder.forward(z, &condition);
            log_prob = log_prob
                + model
                    .likelihood
                    .log_prob(output, x.clone(), model.kernel_path());
        }
        let log_prob = log_prob
            .div_scalar(samples as f64)
            .into_data_async()
            .await?;
        let kl_batch = q.kl_from_prior().into_data_async().await?;
        let mu = q.mu.into_data_async().await?;
        let (kl_values, mu_values): (Vec<f64>, Vec<f64>) =
            (kl_batch.iter().collect(), mu.iter().collect());
        for (i, log_prob) in log_prob.iter::<f64>().enumerate() {
            let mut image_kl = 0.0;
            for d in 0..latent {
                let (kl_value, mu_value) = (kl_values[i * latent + d], mu_values[i * latent + d]);
                image_kl += kl_value;
                kl[d] += kl_value;
                mean[d] += mu_value;
                mean_squares[d] += mu_value * mu_value;
            }
            reconstruction += log_prob;
            elbo_sum += log_prob - image_kl;
            elbo_squares += (log_prob - image_kl).powi(2);
        }
        count += n;
    }
    let total = count as f64;
    let variance = (elbo_squares / total - (elbo_sum / total).powi(2)).max(0.0);
    Ok(Evaluation {
        count,
        samples,
        elbo: ElboSummary {
            reconstruction: reconstruction / total,
            kl_per_dimension: kl.into_iter().map(|sum| sum / total).collect(),
            d_log_scale: Vec::new(),
        },
        standard_error: (variance / total).sqrt(),
        mean_variance: mean
            .into_iter()
            .zip(mean_squares)
            .map(|(sum, squares)| (squares / total - (sum / total).powi(2)).max(0.0))
            .collect(),
    })
}
