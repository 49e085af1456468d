//! log p(x|z) of one image at many z.

use super::{EvidenceError, check_image};
use crate::{Condition, Vae};
use burn::tensor::{Device, Tensor, TensorData};

/// Latent vectors that the decoder is given at a time.
const BATCH: usize = 500;

/// log p(x|z) in nats for each row of z.
///
/// # Shapes
/// - `image`: `[pixels]`, from 0 to 1
/// - `class_weights`: `[classes]`; none for a model that takes no label
/// - `z`: `[n × latent]`
/// - result: `[n]`
///
/// # Errors
/// When the image is not the model's, or the device fails.
pub async fn log_likelihood(
    model: &Vae,
    image: &[f32],
    class_weights: &[f32],
    z: Vec<f32>,
    device: &Device,
) -> Result<Vec<f64>, EvidenceError> {
    check_image(image, model.input_size())?;
    let (latent, pixels) = (model.latent_size(), image.len());
    let mut logs = Vec::with_capacity(z.len() / latent);
    for rows in z.chunks(BATCH * latent) {
        let count = rows.len() / latent;
        let z = Tensor::<2>::from_data(TensorData::new(rows.to_vec(), [count, latent]), device);
        let condition = Condition::shared(class_weights, count, device);
        let x = TensorData::new(image.to_vec(), [1, pixels]);
        let x = Tensor::<2>::from_data(x, device).expand([count, pixels]);
        let output = model.decoder.forward(z, &condition);
        let log_prob = model.likelihood.log_prob(output, x);
        logs.extend(log_prob.into_data_async().await?.iter::<f64>());
    }
    Ok(logs)
}
