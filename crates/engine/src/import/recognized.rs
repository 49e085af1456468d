//! A model that was recognized in a state dict.

use checkpoints::StateDict;
use protocol::RequestError;
use recognition::{Answers, Candidate, candidates, candidates_in_order};
use vae::{ImageShape, VaeConfig, weights::Parameter};

/// A model with its architecture.
#[derive(Debug, Clone)]
pub(crate) struct Recognized {
    pub(crate) config: VaeConfig,
    /// The shape of an image.
    pub(crate) image: ImageShape,
    /// The parameters, in the order of [`VaeConfig::parameter_shapes`].
    pub(crate) parameters: Vec<Parameter>,
    /// For each layer of the model, the name of the layer in the file.
    pub(crate) mapping: Vec<(String, String)>,
    /// Whether the heads of weights with a card were swapped.
    pub(crate) swapped: bool,
}

impl Recognized {
    /// A model that was recognized.
    pub(crate) fn of(model: recognition::Model) -> Self {
        Self {
            config: model.config,
            image: model.image,
            parameters: model
                .parameters
                .into_iter()
                .map(|parameter| Parameter {
                    name: parameter.name,
                    shape: parameter.shape,
                    values: parameter.values,
                })
                .collect(),
            mapping: model.mapping,
            swapped: false,
        }
    }

    /// Swaps μ and log σ². Our names stay; values and source names are swapped.
    pub(crate) fn swap_heads(&mut self) {
        self.swapped = !self.swapped;
        for part in ["weight", "bias"] {
            let at = |layer: &str| {
                let name = format!("{layer}.{part}");
                self.parameters
                    .iter()
                    .position(|parameter| parameter.name == name)
            };
            if let (Some(mu), Some(log_var)) = (at("encoder.mu"), at("encoder.log_var")) {
                let values = std::mem::take(&mut self.parameters[mu].values);
                let others = std::mem::replace(&mut self.parameters[log_var].values, values);
                self.parameters[mu].values = others;
            }
        }
        for (_, theirs) in &mut self.mapping {
            *theirs = match theirs.as_str() {
                "encoder.mu" => "encoder.log_var".to_owned(),
                "encoder.log_var" => "encoder.mu".to_owned(),
                other => other.to_owned(),
            };
        }
    }
}

/// The first convolution of a convolutional model that was trained here. Its feature maps are in another order than
/// PyTorch's, and its image is on its card alone.
const OWN_CONVOLUTION: &str = "encoder.convolutions.0.weight";

/// The readings of a state dict, the best first, or those with the layers in the given order; there is at least one.
///
/// # Errors
/// When it is not a VAE, or the layers do not fit in that order.
pub(crate) fn read(dict: &StateDict, order: &[String]) -> Result<Vec<Candidate>, RequestError> {
    if dict.get(OWN_CONVOLUTION).is_some() {
        return Err(RequestError::bad_model(
            "these are weights of a convolutional model that was trained here; choose its card (.json), too",
        ));
    }
    let found = match order.is_empty() {
        true => candidates(dict),
        false => candidates_in_order(dict, order),
    };
    found.map_err(RequestError::bad_model)
}

/// The model of a reading, given answers.
///
/// # Errors
/// When an answer is no choice, or a value is not finite.
pub(crate) fn apply(candidate: &Candidate, answers: &Answers) -> Result<Recognized, RequestError> {
    let model = candidate.apply(answers).map_err(RequestError::bad_model)?;
    Ok(Recognized::of(model))
}
