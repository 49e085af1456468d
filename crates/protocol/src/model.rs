//! What the page needs to know of a model to show it.

use serde::{Deserialize, Serialize};

/// A loaded model, as the page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// The name in the picker, in the address and in `weights/`.
    pub name: String,
    /// Number of latent dimensions.
    pub latent_size: usize,
    /// Number of classes that a label may be, for a conditional model; 0 for one that takes no label.
    #[serde(default)]
    pub classes: usize,
    /// Height and width of an image, in pixels.
    pub image: [usize; 2],
    /// Number of weights and biases.
    pub parameters: usize,
    /// Whether it was trained on pixels that are ink or none: the Bernoulli is a true likelihood of those.
    #[serde(default)]
    pub binarized: bool,
    /// The likelihood p(x|z), in words: "Bernoulli", "Gaussian, σ = 0.1".
    pub likelihood: String,
    /// −ELBO on the test set in nats an image, where the card gives one.
    pub test_neg_elbo: Option<f64>,
    /// KL(q(z|x) ‖ p(z)) of each latent dimension on the test set, in nats an image; empty where the
    /// card gives none.
    #[serde(default)]
    pub kl_per_dimension: Vec<f64>,
    /// For each class of digit, the mean of μ over its training images, `[10 × latent_size]`; empty where
    /// the card gives none.
    #[serde(default)]
    pub class_means: Vec<Vec<f32>>,
}
