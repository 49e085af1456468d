//! The model card: what a weights file holds, where it comes from and how good it is.

use super::WeightsError;
use crate::VaeConfig;
use serde::{Deserialize, Serialize};

/// Version of the card's format.
pub const FORMAT: u32 = 1;

/// A model card, the JSON beside a weights file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// [`FORMAT`].
    pub format: u32,
    /// The model's name, which is the file's without its ending.
    pub name: String,
    /// The architecture.
    pub architecture: VaeConfig,
    /// What it was trained on.
    pub data: DataCard,
    /// How it was trained, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainingCard>,
    /// How good it is on images that it was not trained on, where that was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<TestCard>,
    /// Where each class of digit lies in the latent space, where the training images had labels and the
    /// model is not told them: the mean of μ over the class, `[classes × latent]`. A latent vector's nearest one is a guess of what it draws.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_means: Option<Vec<Vec<f32>>>,
    /// The weights file.
    pub weights: WeightsCard,
}

/// What a model was trained on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataCard {
    /// The data set's name and licence.
    pub dataset: String,
    /// Height and width of an image, in pixels.
    pub image: [usize; 2],
    /// Number of training images.
    pub count: usize,
    /// Whether pixels were binarized: drawn, 0 or 1, with their grey value as probability.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub binarized: bool,
    /// What a pixel is to the likelihood: which numbers may be compared with which hangs on this.
    pub convention: String,
}

/// How a model was trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingCard {
    /// The command that repeats it.
    pub command: String,
    /// The seed of weights, order, shifts and noise.
    pub seed: u64,
    /// Passes over the training images.
    pub epochs: usize,
    /// Steps of the optimizer.
    pub steps: usize,
    /// Optimizer, rate, batch, shifts, in words.
    pub recipe: String,
}

/// Test results, in nats an image, of the weights as they are stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestCard {
    /// The set, "MNIST t10k".
    pub set: String,
    /// Number of test images.
    pub count: usize,
    /// Samples of ε for each image.
    pub samples: usize,
    /// −ELBO.
    pub neg_elbo: f64,
    /// Standard error of −ELBO over the images.
    pub standard_error: f64,
    /// −E_q[log p(x|z)].
    pub reconstruction: f64,
    /// KL(q(z|x) ‖ p(z)).
    pub kl: f64,
    /// KL of each latent dimension.
    pub kl_per_dimension: Vec<f64>,
    /// Latent dimensions whose posterior mean varies over the images by more than 0.01 (Burda et
    /// al. 2015).
    pub active_units: usize,
    /// What storing the weights in half precision cost, in nats; none when they are stored in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_loss: Option<f64>,
}

/// The weights file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightsCard {
    /// Size in bytes.
    pub bytes: usize,
    /// How numbers are stored.
    pub storage: StorageType,
    /// Number of weights and biases.
    pub parameters: usize,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

/// How numbers are stored; they are computed with as f32 either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageType {
    /// IEEE half precision.
    F16,
    /// IEEE single precision.
    F32,
}

impl Card {
    /// Reads a card and checks it.
    ///
    /// # Errors
    /// [`WeightsError::Card`] when it is no JSON, lacks a field or has class
    /// means that do not fit the architecture, [`WeightsError::Format`] when it
    /// is of another version, [`WeightsError::Config`] when it describes no model that can be
    /// built, [`WeightsError::ImageSize`] when image and architecture do not fit.
    pub fn from_json(json: &str) -> Result<Self, WeightsError> {
        let card: Self = serde_json::from_str(json).map_err(|e| WeightsError::Card {
            reason: e.to_string(),
        })?;
        if card.format != FORMAT {
            return Err(WeightsError::Format { found: card.format });
        }
        card.architecture.validate()?;
        let [height, width] = card.data.image;
        if height.checked_mul(width) != Some(card.architecture.input_size) {
            return Err(WeightsError::ImageSize {
                height,
                width,
                input_size: card.architecture.input_size,
            });
        }
        card.check_class_means()?;
        Ok(card)
    }

    /// A conditional model's classes have no place of their own, and a place has the model's dimensions.
    fn check_class_means(&self) -> Result<(), WeightsError> {
        let (classes, latent) = (self.architecture.classes, self.architecture.latent_size);
        let fits = |means: &Vec<Vec<f32>>| {
            let sound = |mean: &Vec<f32>| {
                mean.len() == latent && mean.iter().all(|value| value.is_finite())
            };
            classes == 0 && means.iter().all(sound)
        };
        if self.class_means.as_ref().is_none_or(fits) {
            Ok(())
        } else {
            Err(WeightsError::Card {
                reason: format!("its class means are not {latent} numbers for each class"),
            })
        }
    }

    /// The card as JSON for people to read, with a line break at its end.
    pub fn to_json(&self) -> String {
        // A card is plain data with string keys: there is nothing that could fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}
