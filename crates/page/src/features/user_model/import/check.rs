//! The check of an imported model: its reconstructions of sample images, and its −ELBO on them.

use crate::features::dataset::samples::SampleImages;
use crate::latent::posterior::Posterior;
use crate::state::actions::Actions;
use client::JobError;
use estimate::mean_and_error;
use protocol::ImageShape;
use protocol::evidence::{EvidenceQuery, EvidenceResult, Proposal};

/// Number of digits.
pub(crate) const DIGITS: usize = 10;
/// Samples of q(z|x) for each digit's reconstruction term.
const SAMPLES: usize = 32;
const SEED: u64 = 1;

/// The result of a check.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModelCheck {
    /// The shape of an image.
    pub(crate) shape: ImageShape,
    /// The images, `[n, height, width, channels]`.
    pub(crate) originals: Vec<u8>,
    /// Their reconstructions at z = μ, of the same size.
    pub(crate) reconstructions: Vec<u8>,
    /// The mean −ELBO and its standard error over the digits, in nats.
    pub(crate) neg_elbo: (f64, f64),
}

/// Checks the current model on these images, `[n, height, width, channels]`.
///
/// # Errors
///
/// If the model changes meanwhile, or cannot encode images of this shape.
pub(crate) async fn check_model(
    actions: Actions,
    shape: ImageShape,
    originals: Vec<u8>,
) -> Result<ModelCheck, JobError> {
    let [mu, sigma] = actions.encode_batch(originals.clone(), None).await?;
    let reconstructions = actions.decode_batch(mu.clone()).await?.images;
    let latent_size = mu.len() / (originals.len() / shape.values()).max(1);
    let posteriors = mu
        .chunks_exact(latent_size.max(1))
        .zip(sigma.chunks_exact(latent_size.max(1)));
    let mut losses = Vec::new();
    for (stream, (image, (mu, sigma))) in originals
        .chunks_exact(shape.values())
        .zip(posteriors)
        .enumerate()
    {
        let query = EvidenceQuery::ImportanceWeights {
            proposal: Proposal::Posterior,
            count: SAMPLES,
            seed: SEED,
            stream: stream as u64,
        };
        let EvidenceResult::ImportanceWeights { log_likelihood, .. } =
            actions.query(image.to_vec(), query).await?
        else {
            return Err(JobError::Failed("another result was expected".to_owned()));
        };
        let (reconstruction, _) = mean_and_error(&log_likelihood);
        losses.push(kl(mu, sigma) - reconstruction);
    }
    Ok(ModelCheck {
        shape,
        originals,
        reconstructions,
        neg_elbo: mean_and_error(&losses),
    })
}

/// KL(q(z|x) ‖ p(z)) in nats.
fn kl(mu: &[f32], sigma: &[f32]) -> f64 {
    let dimensions = mu.iter().zip(sigma);
    dimensions
        .map(|(&mu, &sigma)| f64::from(Posterior { mu, sigma }.kl_from_prior()))
        .sum()
}

/// The images to check a model on: one of each of the first classes or, for a model that is conditioned on `class`,
/// those of that class.
pub(crate) fn choose_digits(samples: &SampleImages, class: Option<u8>) -> Vec<u8> {
    let mut chosen = Vec::new();
    let mut wanted: Vec<u8> = match class {
        Some(class) => vec![class; DIGITS],
        None => (0..DIGITS as u8).collect(),
    };
    let images = samples.pixels.chunks_exact(samples.shape.values());
    for (image, label) in images.zip(&*samples.labels) {
        if let Some(at) = wanted.iter().position(|wanted| wanted == label) {
            wanted.remove(at);
            chosen.push((*label, image));
        }
    }
    chosen.sort_by_key(|(label, _)| *label);
    chosen
        .into_iter()
        .flat_map(|(_, image)| image)
        .copied()
        .collect()
}

impl ModelCheck {
    /// Whether the reconstructions are closer to the digits than the mean of the digits is. A model that does not pass
    /// ignores its input.
    pub(crate) fn passes(&self) -> bool {
        let values = self.shape.values();
        let mean = mean_image(&self.originals, values);
        let of_mean = (self.originals.chunks_exact(values))
            .map(|image| squared_error(image, &mean))
            .sum::<f64>();
        squared_error(&self.originals, &self.reconstructions) < of_mean
    }
}

fn mean_image(images: &[u8], size: usize) -> Vec<u8> {
    let count = (images.len() / size.max(1)).max(1);
    (0..size)
        .map(|at| {
            let values = images.iter().skip(at).step_by(size);
            let sum: usize = values.map(|&value| usize::from(value)).sum();
            (sum / count) as u8
        })
        .collect()
}

fn squared_error(a: &[u8], b: &[u8]) -> f64 {
    let pairs = a.iter().zip(b);
    pairs
        .map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const PIXELS: usize = ImageShape::MNIST.values();

    fn samples() -> SampleImages {
        let labels: Vec<u8> = (0..40).map(|index| (index * 7 % 10) as u8).collect();
        let pixels = labels.iter().flat_map(|&label| [label; PIXELS]).collect();
        SampleImages {
            shape: ImageShape::MNIST,
            pixels: Arc::new(pixels),
            labels: Arc::new(labels),
        }
    }

    #[test]
    fn choose_digits_takes_one_of_each_class_or_one_class() {
        let labels = |digits: Vec<u8>| -> Vec<u8> { digits.into_iter().step_by(PIXELS).collect() };
        let all = labels(choose_digits(&samples(), None));
        assert_eq!(all, (0..10).collect::<Vec<u8>>());
        // There are only four of each.
        assert_eq!(labels(choose_digits(&samples(), Some(3))), [3; 4]);
    }

    #[test]
    fn model_check_fails_a_model_that_ignores_its_input() {
        let check = |originals: [u8; 2], reconstructions: [u8; 2]| {
            let images =
                |greys: [u8; 2]| greys.into_iter().flat_map(|grey| [grey; PIXELS]).collect();
            ModelCheck {
                shape: ImageShape::MNIST,
                originals: images(originals),
                reconstructions: images(reconstructions),
                neg_elbo: (100.0, 1.0),
            }
            .passes()
        };
        assert!(check([0, 200], [50, 150]));
        assert!(!check([0, 200], [100, 100]));
        assert!(!check([0, 200], [200, 0]));
    }

    #[test]
    fn kl_of_the_prior_is_zero() {
        assert_eq!(kl(&[0.0, 0.0], &[1.0, 1.0]), 0.0);
        assert!((kl(&[1.0, 2.0], &[1.0, 1.0]) - 2.5).abs() < 1e-6);
    }
}
