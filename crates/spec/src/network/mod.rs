//! Networks of other programs: sequences of operations, as plain data.

mod activation;
mod operation;
mod parameters;

pub use activation::NetworkActivation;
pub use operation::{Operation, OperationError, Window};

use crate::{FeatureMap, GraphError, Graphs, ImageShape};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Encoder and decoder of a model that was imported: what happens between the image and the heads, and between z and the
/// decoder's raw output.
///
/// Feature maps are `[height, width, channels]`, and so is a vector that is read from one or made into one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// The shape of an image.
    pub image: ImageShape,
    /// The encoder without its heads, which are linear; `None` for a model that has a decoder alone.
    pub encoder: Option<Vec<Operation>>,
    /// What the second head computes.
    pub spread: Spread,
    /// The decoder, from z to the raw output.
    pub decoder: Vec<Operation>,
    /// Both as graphs, in place of sequences of operations, which are then empty; `encoder` is `None` with a decoder alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graphs: Option<Box<Graphs>>,
}

/// What the second head computes, of q(z|x) = N(μ, diag σ²).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spread {
    /// log σ².
    LogVar,
    /// log σ.
    LogSigma,
    /// σ; the sign has no meaning.
    Sigma,
    /// The number whose softplus is σ.
    Softplus,
}

impl Spread {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::LogVar, Self::LogSigma, Self::Sigma, Self::Softplus];

    /// Its name, as in cards.
    pub fn name(self) -> &'static str {
        match self {
            Self::LogVar => "log-var",
            Self::LogSigma => "log-sigma",
            Self::Sigma => "sigma",
            Self::Softplus => "softplus",
        }
    }

    /// What it is, in words.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::LogVar => "log σ²",
            Self::LogSigma => "log σ",
            Self::Sigma => "σ",
            Self::Softplus => "the number whose softplus is σ",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|spread| spread.name() == name)
    }
}

/// Why no network of this configuration can be built.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum NetworkError {
    /// More operations than [`NetworkConfig::MAX_OPERATIONS`].
    #[error("{part} has {count} operations; at most {max} are supported", max = NetworkConfig::MAX_OPERATIONS)]
    Operations {
        /// Encoder or decoder.
        part: &'static str,
        /// Their number.
        count: usize,
    },
    /// An operation does not fit the one before it.
    #[error("operation {index} of {part}: {error}")]
    Operation {
        /// Encoder or decoder.
        part: &'static str,
        /// Its index.
        index: usize,
        /// What does not fit.
        error: OperationError,
    },
    /// The decoder's output is not an image of the given shape.
    #[error("the decoder's output has {found} values, but the image {image} has {expected}")]
    Output {
        /// Values of the output.
        found: usize,
        /// The shape.
        image: ImageShape,
        /// Values of an image.
        expected: usize,
    },
    /// A graph can't be computed, or does not fit the model.
    #[error("{part}: {error}")]
    Graph {
        /// Encoder or decoder.
        part: &'static str,
        /// Why.
        error: GraphError,
    },
    /// Operations besides a graph, or a graph for other classes or sizes than the model's.
    #[error("the graphs of the network do not fit the model's sizes")]
    GraphSizes,
    /// The decoder does not begin with a linear layer, or takes the label elsewhere.
    #[error("the decoder must begin with the label, if there is one, and a linear layer")]
    FirstLayer,
}

impl NetworkConfig {
    /// The most operations of encoder and of decoder.
    pub const MAX_OPERATIONS: usize = 128;

    /// Values that the heads read from the encoder; 1 without an encoder.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub fn features(&self, classes: usize) -> Result<usize, NetworkError> {
        let Some(encoder) = &self.encoder else {
            return Ok(1);
        };
        let maps = maps("the encoder", encoder, image_map(self.image), classes)?;
        Ok(maps.last().map_or(0, FeatureMap::values))
    }

    /// Checks that each operation fits the one before it and that the decoder's output is an image.
    ///
    /// # Errors
    /// [`NetworkError`]. Nothing is allocated in proportion to the sizes.
    pub fn validate(&self, latent_size: usize, classes: usize) -> Result<(), NetworkError> {
        if let Some(graphs) = &self.graphs {
            return self.validate_graphs(graphs, latent_size, classes);
        }
        self.features(classes)?;
        let (labels, rest) = match self.decoder.split_first() {
            Some((Operation::Label, rest)) => (true, rest),
            _ => (false, self.decoder.as_slice()),
        };
        let begins = matches!(rest.first(), Some(Operation::Linear { .. }));
        let takes_label = |operation: &Operation| {
            matches!(
                operation,
                Operation::Label | Operation::LabelPlanes | Operation::LabelMap { .. }
            )
        };
        if !begins || rest.iter().any(takes_label) || labels != (classes > 0) {
            return Err(NetworkError::FirstLayer);
        }
        let maps = maps("the decoder", &self.decoder, vector(latent_size), classes)?;
        let found = maps.last().map_or(0, FeatureMap::values);
        let expected = self.image.values();
        if found != expected {
            return Err(NetworkError::Output {
                found,
                image: self.image,
                expected,
            });
        }
        Ok(())
    }

    fn validate_graphs(
        &self,
        graphs: &Graphs,
        latent_size: usize,
        classes: usize,
    ) -> Result<(), NetworkError> {
        let values = self.image.values();
        let encoder = graphs.encoder.as_ref();
        let fits = self.decoder.is_empty()
            && self.encoder.as_ref().map(Vec::len) == encoder.map(|_| 0)
            && graphs.decoder.input == latent_size
            && graphs.decoder.classes == classes
            && encoder.is_none_or(|graph| graph.input == values && graph.classes == classes);
        if !fits {
            return Err(NetworkError::GraphSizes);
        }
        let failed = |part| move |error| NetworkError::Graph { part, error };
        if let Some(encoder) = encoder {
            let heads = encoder.validate(&[latent_size; 2]);
            heads.map_err(failed("the encoder"))?;
        }
        let decoder = graphs.decoder.validate(&[values]);
        decoder.map_err(failed("the decoder"))
    }

    /// The map that the encoder reads.
    pub fn image_map(&self) -> FeatureMap {
        image_map(self.image)
    }

    /// The shapes of the weights of the encoder's layers and of the decoder's, in the order of the operations: `[out, in]`,
    /// or `[out, in, height, width]` for convolutions. Each has a bias `[out]`.
    pub fn weight_shapes(&self, latent_size: usize, classes: usize) -> [Vec<Vec<usize>>; 2] {
        let shapes =
            |operations: &[Operation], input| parameters::weight_shapes(operations, input, classes);
        let encoder = self.encoder.as_deref().unwrap_or_default();
        [
            shapes(encoder, image_map(self.image)),
            shapes(&self.decoder, vector(latent_size)),
        ]
    }
}

/// A vector as a feature map of one position.
pub(crate) fn vector(values: usize) -> FeatureMap {
    FeatureMap {
        height: 1,
        width: 1,
        channels: values,
    }
}

fn image_map(image: ImageShape) -> FeatureMap {
    FeatureMap {
        height: image.height,
        width: image.width,
        channels: image.channels,
    }
}

/// The map after each operation.
fn maps(
    part: &'static str,
    operations: &[Operation],
    input: FeatureMap,
    classes: usize,
) -> Result<Vec<FeatureMap>, NetworkError> {
    if operations.len() > NetworkConfig::MAX_OPERATIONS {
        return Err(NetworkError::Operations {
            part,
            count: operations.len(),
        });
    }
    let mut maps = vec![input];
    let mut map = input;
    for (index, operation) in operations.iter().enumerate() {
        map = operation
            .output(map, classes)
            .map_err(|error| NetworkError::Operation { part, index, error })?;
        maps.push(map);
    }
    Ok(maps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(kernel: usize, stride: usize, padding: usize) -> Window {
        Window::square(kernel, stride, padding)
    }

    fn config() -> NetworkConfig {
        NetworkConfig {
            image: ImageShape::grey(8, 8),
            encoder: Some(vec![
                Operation::Convolution {
                    outputs: 3,
                    window: window(3, 2, 1),
                },
                Operation::Activation(NetworkActivation::LeakyRelu { slope: 0.2 }),
                Operation::Label,
            ]),
            spread: Spread::Sigma,
            graphs: None,
            decoder: vec![
                Operation::Label,
                Operation::Linear { outputs: 12 },
                Operation::Reshape {
                    height: 2,
                    width: 2,
                    channels: 3,
                },
                Operation::TransposedConvolution {
                    outputs: 2,
                    window: window(4, 2, 1),
                    output_padding: [0, 0],
                },
                Operation::Upsample { factor: 2 },
                Operation::Convolution {
                    outputs: 1,
                    window: window(3, 1, 1),
                },
            ],
        }
    }

    #[test]
    fn network_config_knows_the_sizes_of_its_layers() {
        let config = config();
        config.validate(2, 5).expect("valid");
        assert_eq!(config.features(5), Ok(4 * 4 * 3 + 5));
        let [encoder, decoder] = config.weight_shapes(2, 5);
        assert_eq!(encoder, [[3, 1, 3, 3]]);
        assert_eq!(
            decoder,
            [vec![12, 2 + 5], vec![2, 3, 4, 4], vec![1, 2, 3, 3]]
        );
    }

    #[test]
    fn network_config_rejects_what_does_not_fit() {
        let with = |change: fn(&mut NetworkConfig)| {
            let mut config = config();
            change(&mut config);
            config.validate(2, 5).expect_err("must be rejected")
        };
        assert!(matches!(
            with(|config| config.image = ImageShape::grey(9, 8)),
            NetworkError::Output { .. }
        ));
        assert_eq!(
            with(|config| {
                config.decoder.remove(0);
            }),
            NetworkError::FirstLayer
        );
        assert!(matches!(
            with(|config| config.decoder[4] = Operation::Upsample { factor: 5000 }),
            NetworkError::Operation { index: 4, .. }
        ));
        assert!(matches!(
            with(|config| {
                config.decoder[2] = Operation::Reshape {
                    height: 5,
                    width: 2,
                    channels: 3,
                }
            }),
            NetworkError::Operation { index: 2, .. }
        ));
    }

    #[test]
    fn network_config_knows_the_sizes_of_labels_and_normalizations() {
        let mut config = config();
        config.encoder = Some(vec![
            Operation::LabelPlanes,
            Operation::LabelMap { channels: 2 },
            Operation::Convolution {
                outputs: 6,
                window: window(3, 1, 1),
            },
            Operation::GroupNorm { groups: 3 },
        ]);
        config.validate(2, 5).expect("valid");
        let [encoder, _] = config.weight_shapes(2, 5);
        assert_eq!(
            encoder,
            [vec![8 * 8 * 2, 5], vec![6, 1 + 5 + 2, 3, 3], vec![6, 1]]
        );
        config.encoder = Some(vec![Operation::GroupNorm { groups: 2 }]);
        assert!(matches!(
            config.validate(2, 5),
            Err(NetworkError::Operation {
                error: OperationError::Groups(1, 2),
                ..
            })
        ));
        config.encoder = None;
        config.decoder.push(Operation::LabelPlanes);
        assert_eq!(config.validate(2, 5), Err(NetworkError::FirstLayer));
    }

    /// Cards hold this form.
    #[test]
    fn network_config_reads_the_form_of_cards() {
        let json = r#"{"image":[8,8],"encoder":[{"convolution":{"outputs":3,"window":{"kernel":[3,3],"stride":[2,2],
            "padding":[1,1]}}},{"activation":{"leaky-relu":{"slope":0.2}}},"label"],"spread":"sigma","decoder":["label",
            {"linear":{"outputs":12}},{"reshape":{"height":2,"width":2,"channels":3}},{"transposed-convolution":
            {"outputs":2,"window":{"kernel":[4,4],"stride":[2,2],"padding":[1,1]},"output_padding":[0,0]}},
            {"upsample":{"factor":2}},{"convolution":{"outputs":1,"window":{"kernel":[3,3],"stride":[1,1],
            "padding":[1,1]}}}]}"#;
        let read: NetworkConfig = serde_json::from_str(json).expect("parses");
        assert_eq!(read, config());
        let again = serde_json::to_string(&read).expect("plain data");
        assert_eq!(
            serde_json::from_str::<NetworkConfig>(&again).expect("parses"),
            read
        );
    }
}
