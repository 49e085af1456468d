//! The model card: architecture, training data, test results and checksum of a weights file.

use super::WeightsError;
use crate::VaeConfig;
use serde::{Deserialize, Serialize};
use spec::ImageShape;

/// Version of the card's format.
pub const FORMAT: u32 = 1;

/// A model card, the JSON beside a weights file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// [`FORMAT`].
    pub format: u32,
    /// The model's name: the file name without its extension.
    pub name: String,
    /// The architecture.
    pub architecture: VaeConfig,
    /// The training data.
    pub data: DataCard,
    /// The training run, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<TrainingCard>,
    /// The test results, if measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<TestCard>,
    /// The mean of μ over the training images of each class, `[classes, latent]`, for an unconditional model whose training
    /// images had labels. The nearest mean is a guess of a latent vector's class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_means: Option<Vec<Vec<f32>>>,
    /// The weights file.
    pub weights: WeightsCard,
}

/// The training data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DataCard {
    /// The data set's name and licence.
    pub dataset: String,
    /// The shape of an image.
    pub image: ImageShape,
    /// Number of training images.
    pub count: usize,
    /// The name of each label, or empty for labels that are numbers, such as digits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_names: Vec<String>,
    /// Whether pixels were binarized: sampled as 0 or 1 with their grey value as probability.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub binarized: bool,
    /// How pixels relate to the likelihood, which determines which results are comparable.
    pub convention: String,
}

/// The training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingCard {
    /// The command that reproduces it.
    pub command: String,
    /// The seed of initial weights, order of images, augmentation and noise.
    pub seed: u64,
    /// Passes over the training images.
    pub epochs: usize,
    /// Steps of the optimizer.
    pub steps: usize,
    /// How long it took, in seconds, on the machine that trained it; `None` if it was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// Optimizer, learning rate, batch size and augmentation, in words.
    pub recipe: String,
}

/// Test results of the weights as stored, in nats per image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestCard {
    /// The test set, "MNIST t10k".
    pub set: String,
    /// Number of test images.
    pub count: usize,
    /// Samples of ε per image.
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
    /// Number of active latent dimensions: those whose posterior mean has a variance above 0.01 over the images (Burda et al.
    /// 2015, section 5.2).
    pub active_units: usize,
    /// The ELBO lost by quantizing the weights, in nats; `None` for weights in single precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_loss: Option<f64>,
}

/// The weights file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WeightsCard {
    /// Size in bytes.
    pub bytes: usize,
    /// The number format.
    pub storage: StorageType,
    /// Number of parameters.
    pub parameters: usize,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

/// The number format of stored weights; they are loaded as f32. Files say the type of each tensor themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageType {
    /// Large tensors in eight bits with a scale for each row, the others in half precision.
    I8,
    /// IEEE half precision.
    F16,
    /// IEEE single precision.
    F32,
}

impl Card {
    /// Parses and validates a card.
    ///
    /// # Errors
    /// [`WeightsError::Card`] for invalid JSON, missing fields, or class means that do not fit the architecture;
    /// [`WeightsError::Format`] for another version; [`WeightsError::Config`] for an invalid architecture;
    /// [`WeightsError::ImageSize`] if the image does not fit the architecture.
    pub fn from_json(json: &str) -> Result<Self, WeightsError> {
        let card: Self = serde_json::from_str(json).map_err(|e| WeightsError::Card {
            reason: e.to_string(),
        })?;
        if card.format != FORMAT {
            return Err(WeightsError::Format { found: card.format });
        }
        card.architecture.validate()?;
        let (image, architecture) = (card.data.image, &card.architecture);
        let convolution = architecture.convolution.as_ref();
        let same_image = convolution.is_none_or(|config| config.image == image);
        if image.values() != architecture.input_size || !same_image {
            return Err(WeightsError::ImageSize {
                image,
                input_size: architecture.input_size,
            });
        }
        card.check_class_means()?;
        Ok(card)
    }

    /// Only an unconditional model has class means, and they have the model's latent dimensions.
    fn check_class_means(&self) -> Result<(), WeightsError> {
        let (classes, latent) = (self.architecture.classes, self.architecture.latent_size);
        let are_valid = |means: &Vec<Vec<f32>>| {
            let is_valid = |mean: &Vec<f32>| {
                mean.len() == latent && mean.iter().all(|value| value.is_finite())
            };
            classes == 0 && means.iter().all(is_valid)
        };
        if self.class_means.as_ref().is_none_or(are_valid) {
            Ok(())
        } else {
            Err(WeightsError::Card {
                reason: format!("its class means are not {latent} finite values per class"),
            })
        }
    }

    /// The card as indented JSON, with a newline at its end.
    pub fn to_json(&self) -> String {
        // Serializing plain data with string keys cannot fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}
