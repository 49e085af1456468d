//! The description of a model.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};
use spec::{ImageShape, Likelihood, VaeConfig};
use std::fmt;

/// The description of a model, from its card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// The name in the picker, in the address and in `weights/`.
    pub name: String,
    /// Number of latent dimensions.
    pub latent_size: usize,
    /// Number of classes of the label, for a conditional model; 0 for an unconditional one.
    #[serde(default)]
    pub classes: usize,
    /// The shape of an image; models that browsers saved with earlier versions of the page have `[height, width]`.
    pub image: ImageShape,
    /// Number of weights and biases.
    pub parameters: usize,
    /// Whether it was trained on binarized pixels, for which the Bernoulli is a true likelihood.
    #[serde(default)]
    pub binarized: bool,
    /// The likelihood p(x|z).
    #[serde(deserialize_with = "kind_or_display_text")]
    pub likelihood: Likelihood,
    /// −ELBO on the test set in nats per image, where the card gives one.
    pub test_neg_elbo: Option<f64>,
    /// KL(q(z|x) ‖ p(z)) of each latent dimension on the test set, in nats per image; empty where the
    /// card gives none.
    #[serde(default)]
    pub kl_per_dimension: Vec<f64>,
    /// For each class of digit, the mean of μ over its training images, `[10 × latent_size]`; empty where
    /// the card has none.
    #[serde(default)]
    pub class_means: Vec<Vec<f32>>,
}

impl ModelInfo {
    /// Whether its sizes are those of a model. Controls are made for each latent dimension and each class before the
    /// weights are read, so what was stored must be checked before it is shown.
    pub fn has_valid_sizes(&self) -> bool {
        let sizes = 1..=VaeConfig::MAX_WIDTH;
        sizes.contains(&self.latent_size)
            && sizes.contains(&self.image.values())
            && self.classes <= VaeConfig::MAX_CLASSES
            && self
                .class_means
                .iter()
                .all(|mean| mean.len() == self.latent_size)
    }

    /// Whether log p(x) can be computed by quadrature.
    pub fn has_quadrature(&self) -> bool {
        self.latent_size == 2 && self.likelihood.is_exponential_family()
    }
}

/// Reads a likelihood as cards store it, or from its display text: models that browsers saved with earlier versions
/// of the page carry "Gaussian, σ = 0.1".
fn kind_or_display_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Likelihood, D::Error> {
    struct KindOrText;

    impl<'de> Visitor<'de> for KindOrText {
        type Value = Likelihood;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a likelihood")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Likelihood, E> {
            let sigma = text.strip_prefix("Gaussian, σ = ");
            match (text, sigma.and_then(|sigma| sigma.parse().ok())) {
                ("Bernoulli", _) => Ok(Likelihood::Bernoulli),
                ("continuous Bernoulli", _) => Ok(Likelihood::ContinuousBernoulli),
                (_, Some(sigma)) => Ok(Likelihood::Gaussian { sigma }),
                _ => Err(E::custom("unknown likelihood")),
            }
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Likelihood, A::Error> {
            Likelihood::deserialize(MapAccessDeserializer::new(map))
        }
    }

    deserializer.deserialize_any(KindOrText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn model_info_reads_what_earlier_versions_saved() {
        let json = |likelihood: &str| {
            format!(
                r#"{{"name": "mine", "latent_size": 2, "image": [28, 28], "parameters": 9,
                "likelihood": {likelihood}, "test_neg_elbo": null}}"#
            )
        };
        let kinds = Likelihood::of_each_kind(0.15);
        let displayed = |likelihood: &&Likelihood| {
            !matches!(likelihood, Likelihood::DiscretizedLogistic { .. })
        };
        for &likelihood in kinds.iter().filter(displayed) {
            let saved: ModelInfo =
                serde_json::from_str(&json(&format!("\"{likelihood}\""))).expect("parses");
            assert_eq!(saved.likelihood, likelihood);
            assert_eq!(saved.image, ImageShape::MNIST);
            let again = serde_json::to_string(&saved).expect("plain data");
            assert_eq!(
                serde_json::from_str::<ModelInfo>(&again).expect("parses"),
                saved
            );
        }
        assert!(serde_json::from_str::<ModelInfo>(&json("\"Poisson\"")).is_err());
    }
}
