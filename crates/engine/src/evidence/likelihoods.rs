//! One decoder output under several likelihoods.

use burn::tensor::{Device, Tensor, TensorData};
use protocol::{RequestError, evidence::EvidenceResult};
use vae::{Condition, Likelihood, LikelihoodOps as _, Vae};

/// log p(x|z) of an image under each likelihood that the decoder's output at z can be interpreted as.
///
/// # Errors
/// When σ is not positive, the decoder is Gaussian, the sizes do not fit, or the device fails.
pub(super) async fn compare(
    model: &Vae,
    x: &[f32],
    conditioning: &[f32],
    z: &[f32],
    sigma: f64,
    device: &Device,
) -> Result<EvidenceResult, RequestError> {
    if !(sigma.is_finite() && sigma > 0.0) {
        return Err(RequestError::bad_request(format!(
            "σ is {sigma}; it must be above 0"
        )));
    }
    match model.likelihood {
        Likelihood::Bernoulli | Likelihood::ContinuousBernoulli => {}
        Likelihood::Gaussian { .. } | Likelihood::DiscretizedLogistic { .. } => {
            return Err(RequestError::bad_request(
                "a Gaussian or logistic decoder gives no logits, which the Bernoulli likelihoods need",
            ));
        }
    }
    if x.len() != model.input_size() || z.len() != model.latent_size() {
        return Err(RequestError::bad_request(
            "one image and one z of the model's sizes are needed",
        ));
    }
    let z = Tensor::<2>::from_data(TensorData::new(z.to_vec(), [1, z.len()]), device);
    let condition = Condition::shared(conditioning, 1, device);
    let logits = model.decoder.forward(z, &condition);
    let x = Tensor::<2>::from_data(TensorData::new(x.to_vec(), [1, x.len()]), device);
    let log_prob = async |likelihood: Likelihood, output: Tensor<2>| -> Result<f64, RequestError> {
        let data = likelihood
            .log_prob(output, x.clone(), model.kernel_path())
            .into_data_async()
            .await
            .map_err(RequestError::backend_lost)?;
        Ok(data.iter::<f64>().sum())
    };
    // The Gaussian's mean f(z) is the image that is displayed.
    let mean = model.likelihood.mean(logits.clone(), model.kernel_path());
    Ok(EvidenceResult::Likelihoods {
        bernoulli: log_prob(Likelihood::Bernoulli, logits.clone()).await?,
        continuous_bernoulli: log_prob(Likelihood::ContinuousBernoulli, logits).await?,
        gaussian: log_prob(Likelihood::Gaussian { sigma }, mean).await?,
    })
}
