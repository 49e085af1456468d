//! The mean of each class in the latent space.

use crate::{Condition, Vae};
use burn::tensor::{Device, ExecutionError, Tensor, TensorData};

/// The mean of μ(x) over the images of each class, `[classes, latent]`, for an unconditional model. (A conditional model
/// has the same prior for every class, so its latent space need not separate them.) A class without images has the prior's
/// mean, 0; invalid labels are ignored.
///
/// # Shapes
/// - `images`: `[count, input]`, row-major
/// - `labels`: `[count]`
///
/// # Errors
/// When the device fails to compute or to return the values.
///
/// # Panics
/// If the model is conditional; callers validate it.
pub async fn class_means(
    model: &Vae,
    images: &[f32],
    labels: &[u8],
    classes: usize,
    device: &Device,
) -> Result<Vec<Vec<f32>>, ExecutionError> {
    const BATCH: usize = 500;
    let (input, latent) = (model.input_size(), model.latent_size());
    let mut sums = vec![vec![0.0_f64; latent]; classes];
    let mut counts = vec![0_u32; classes];
    for (images, labels) in images.chunks(BATCH * input).zip(labels.chunks(BATCH)) {
        let n = images.len() / input;
        let x = TensorData::new(images[..n * input].to_vec(), [n, input]);
        let x = Tensor::<2>::from_data(x, device);
        let mu = model.encoder.forward(x, &Condition::none()).mu;
        let mu: Vec<f64> = mu.into_data_async().await?.iter().collect();
        for (mu, &label) in mu.chunks_exact(latent).zip(labels) {
            if let Some(sum) = sums.get_mut(usize::from(label)) {
                counts[usize::from(label)] += 1;
                sum.iter_mut().zip(mu).for_each(|(sum, mu)| *sum += mu);
            }
        }
    }
    let mean = |(sum, count): (Vec<f64>, u32)| {
        let count = f64::from(count.max(1));
        sum.into_iter().map(|sum| (sum / count) as f32).collect()
    };
    Ok(sums.into_iter().zip(counts).map(mean).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Likelihood, VaeConfig};
    use burn::tensor::read_sync;

    #[test]
    fn class_means_average_over_the_images_of_each_class() {
        let device = Device::flex();
        let config = VaeConfig {
            input_size: 2,
            convolution: None,
            network: None,
            encoder_hidden: vec![],
            decoder_hidden: vec![],
            latent_size: 2,
            classes: 0,
            activation: Activation::Relu,
            likelihood: Likelihood::Bernoulli,
        };
        let model = Vae::init(&config, 3, &device).expect("valid");
        let mu = |x: [f32; 2]| -> Vec<f32> {
            let x = Tensor::<2>::from_floats([x], &device);
            let q = model.encoder.forward(x, &Condition::none());
            q.mu.into_data().iter().collect()
        };
        let images = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0];
        let found = read_sync(class_means(&model, &images, &[1, 2, 1, 9], 3, &device));
        let found = found.expect("computes");
        let both: Vec<f32> = mu([1.0, 0.0])
            .iter()
            .zip(mu([0.0, 0.0]))
            .map(|(a, b)| (a + b) / 2.0)
            .collect();
        for (found, expected) in found.iter().zip([vec![0.0; 2], both, mu([0.0, 1.0])]) {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
            }
        }
    }
}
