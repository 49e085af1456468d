//! `trainer classes`: where each class of digit lies in the latent space, for the cards.

use crate::{
    data::{self, Split},
    evaluate::read,
};
use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use std::{fs, path::PathBuf};
use vae::Vae;

/// Classes of digits.
const CLASSES: usize = 10;
/// Images that are encoded at a time.
const BATCH: usize = 1_000;

/// Says on cards where each class of digit lies; the weights stay as they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The models' names in the weights folder.
    #[arg(required = true)]
    names: Vec<String>,
    /// Folder with the MNIST files, those of the labels among them.
    #[arg(long)]
    data: PathBuf,
    /// Folder with weights and cards.
    #[arg(long, default_value = "weights")]
    weights: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let device = Device::flex();
    let images = data::load(Some(&args.data), Split::Train)?.to_floats();
    let labels = data::labels(&args.data, Split::Train)?;
    for name in &args.names {
        let (mut card, model) = read(&args.weights, name, &device)?;
        let means = class_means(&model, &images, &labels, &device)
            .with_context(|| format!("{name} on MNIST's training images"))?;
        card.class_means = Some(means);
        fs::write(args.weights.join(format!("{name}.json")), card.to_json())?;
        println!("{name}: the means of {CLASSES} classes are on its card");
    }
    Ok(())
}

/// The mean of μ over the images of each class, `[10 × latent]`, to three decimals.
///
/// # Errors
/// When there is not one label for each image, or a label that is no digit.
pub(crate) fn class_means(
    model: &Vae,
    images: &[f32],
    labels: &[u8],
    device: &Device,
) -> Result<Vec<Vec<f32>>> {
    let (pixels, latent) = (model.input_size(), model.latent_size());
    let count = images.len() / pixels;
    ensure!(
        labels.len() == count,
        "there are {} labels for {count} images",
        labels.len()
    );
    let mut sums = vec![vec![0.0_f64; latent]; CLASSES];
    let mut counts = [0_usize; CLASSES];
    let batches = images.chunks(BATCH * pixels).zip(labels.chunks(BATCH));
    for (images, labels) in batches {
        let x = TensorData::new(images.to_vec(), [labels.len(), pixels]);
        let q = model.encoder.forward(Tensor::from_data(x, device));
        let mu: Vec<f32> = q.mu.into_data().iter::<f32>().collect();
        for (mu, &label) in mu.chunks_exact(latent).zip(labels) {
            let class = usize::from(label);
            ensure!(
                class < CLASSES,
                "there is a label {label}, which is no digit"
            );
            counts[class] += 1;
            for (sum, mu) in sums[class].iter_mut().zip(mu) {
                *sum += f64::from(*mu);
            }
        }
    }
    let rounded =
        |sum: f64, count: usize| ((sum / count.max(1) as f64) * 1e3).round() as f32 / 1e3 + 0.0;
    let means = sums.into_iter().zip(counts);
    Ok(means
        .map(|(sums, count)| sums.into_iter().map(|sum| rounded(sum, count)).collect())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vae::{Activation, Likelihood, VaeConfig};

    #[test]
    fn each_class_lies_where_its_images_do_on_average() {
        let device = Device::flex();
        let config = VaeConfig {
            input_size: 2,
            encoder_hidden: vec![],
            decoder_hidden: vec![],
            latent_size: 2,
            activation: Activation::Relu,
            likelihood: Likelihood::Bernoulli,
        };
        let model = config.init(1, &device).unwrap();
        let images = [0.0, 1.0, 1.0, 0.0, 0.5, 0.25];
        let means = class_means(&model, &images, &[3, 8, 3], &device).unwrap();
        // The encoder is linear: the mean of μ is μ of the mean image.
        let mean = Tensor::from_floats([[0.25_f32, 0.625]], &device);
        let expected = model.encoder.forward(mean).mu.into_data();
        for (found, expected) in means[3].iter().zip(expected.iter::<f32>()) {
            assert!((found - expected).abs() < 6e-4);
        }
        assert_eq!(means[0], [0.0, 0.0], "nobody's");
        assert!(class_means(&model, &images, &[1], &device).is_err());
        assert!(class_means(&model, &images, &[1, 2, 99], &device).is_err());
    }
}
