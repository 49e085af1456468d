//! Import of state dicts of other VAEs: which layer is which, from names and shapes.

mod chain;
mod error;
mod head_order;
mod layers;

use super::{Parameter, WeightsError, f32_values};
use crate::{Activation, Likelihood, VaeConfig};
use chain::{Chain, HeadLayers, find_chain};
pub use error::{MAX_STATE_DICT_LAYERS, StateDictError};
pub use head_order::HeadOrder;
use head_order::identify_heads;
use layers::{Layer, pair_layers};
use safetensors::SafeTensors;

/// A model that was found in a state dict.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedVae {
    /// The architecture. A state dict contains neither activation nor likelihood: ReLU and Bernoulli are assumed, as in
    /// pytorch/examples.
    pub config: VaeConfig,
    /// The parameters under the names of this crate, in the order of [`VaeConfig::parameter_shapes`].
    pub parameters: Vec<Parameter>,
    /// The name of each layer in this crate and in the state dict.
    pub mapping: Vec<(String, String)>,
    /// How μ and log σ² were identified.
    pub head_order: HeadOrder,
}

impl ImportedVae {
    /// Swaps μ and log σ².
    pub fn swap_heads(&mut self) {
        // Our names stay; values and source names are swapped.
        let convolution = self.config.convolution.as_ref();
        let convolutions = convolution.map_or(0, |config| config.channels.len());
        let head = convolutions + self.config.encoder_hidden.len();
        let mu = 2 * head;
        for part in [mu, mu + 1] {
            let (before, after) = self.parameters.split_at_mut(part + 2);
            std::mem::swap(&mut before[part].values, &mut after[0].values);
        }
        let (before, after) = self.mapping.split_at_mut(head + 1);
        std::mem::swap(&mut before[head].1, &mut after[0].1);
    }
}

/// Reads the tensors of a safetensors file.
///
/// # Errors
/// [`WeightsError::NotSafetensors`], [`WeightsError::Type`] and [`WeightsError::NotFinite`].
pub fn read_safetensors(bytes: &[u8]) -> Result<Vec<Parameter>, WeightsError> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|e| WeightsError::NotSafetensors {
        reason: e.to_string(),
    })?;
    tensors
        .tensors()
        .into_iter()
        .map(|(name, view)| {
            Ok(Parameter {
                values: f32_values(&name, &view)?,
                shape: view.shape().to_vec(),
                name,
            })
        })
        .collect()
}

/// Finds encoder, heads and decoder among the tensors of a state dict.
///
/// # Errors
/// See [`StateDictError`].
pub fn infer_architecture(parameters: &[Parameter]) -> Result<ImportedVae, StateDictError> {
    let layers = pair_layers(parameters)?;
    let chain = find_chain(&layers).ok_or_else(|| StateDictError::NoChain {
        shapes: layers
            .iter()
            .map(|layer| format!("{} {}→{}", layer.name, layer.input, layer.output))
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    Ok(rename_layers(&layers, &chain))
}

/// The tensors of a state dict of a known architecture, with the names of this crate.
///
/// # Errors
/// [`WeightsError::Missing`], [`WeightsError::Shape`] and [`WeightsError::Unexpected`] when they differ from those
/// of the architecture.
pub fn match_names(
    parameters: &[Parameter],
    config: VaeConfig,
) -> Result<ImportedVae, WeightsError> {
    let shapes = config.parameter_shapes();
    let known = |name: &String| shapes.iter().any(|(of, _)| of == name);
    if let Some(unknown) = parameters.iter().find(|found| !known(&found.name)) {
        return Err(WeightsError::Unexpected {
            name: unknown.name.clone(),
        });
    }
    let mut ordered = Vec::new();
    for (name, expected) in shapes {
        let parameter = parameters.iter().find(|parameter| parameter.name == name);
        let parameter = parameter.ok_or(WeightsError::Missing { name })?;
        if parameter.shape != expected {
            return Err(WeightsError::Shape {
                name: parameter.name.clone(),
                expected,
                found: parameter.shape.clone(),
            });
        }
        ordered.push(parameter.clone());
    }
    let layers = ordered
        .iter()
        .filter_map(|found| found.name.strip_suffix(".weight"));
    Ok(ImportedVae {
        mapping: layers
            .map(|layer| (layer.to_owned(), layer.to_owned()))
            .collect(),
        parameters: ordered,
        config,
        head_order: HeadOrder::Known,
    })
}

/// Renames the layers of a chain and derives the architecture.
fn rename_layers(layers: &[Layer<'_>], chain: &Chain) -> ImportedVae {
    let outputs = |indices: &[usize]| -> Vec<usize> {
        indices.iter().map(|&layer| layers[layer].output).collect()
    };
    let (head_order, mu, log_var, latent_size) = match chain.heads {
        HeadLayers::Joint(layer) => {
            let latent = layers[layer].output / 2;
            let half = |first: usize| {
                let layer = &layers[layer];
                let rows = first * layer.input..(first + latent) * layer.input;
                (
                    layer.name,
                    layer.weight.values[rows].to_vec(),
                    layer.bias.values[first..first + latent].to_vec(),
                )
            };
            (HeadOrder::Known, half(0), half(latent), latent)
        }
        HeadLayers::Separate(first, second) => {
            let (head_order, swapped) = identify_heads(layers[first].name, layers[second].name);
            let (mu, log_var) = if swapped {
                (second, first)
            } else {
                (first, second)
            };
            (
                head_order,
                copy_layer(&layers[mu]),
                copy_layer(&layers[log_var]),
                layers[mu].output,
            )
        }
    };
    let hidden = &chain.decoder[..chain.decoder.len().saturating_sub(1)];
    let config = VaeConfig {
        input_size: chain
            .decoder
            .last()
            .map_or(0, |&layer| layers[layer].output),
        convolution: None,
        encoder_hidden: outputs(&chain.encoder),
        decoder_hidden: outputs(hidden),
        latent_size,
        classes: 0,
        activation: Activation::Relu,
        likelihood: Likelihood::Bernoulli,
    };
    let encoder = chain
        .encoder
        .iter()
        .map(|&layer| copy_layer(&layers[layer]));
    let decoder = chain
        .decoder
        .iter()
        .map(|&layer| copy_layer(&layers[layer]));
    let ordered = encoder.chain([mu, log_var]).chain(decoder);
    let mut shapes = config.parameter_shapes().into_iter();
    let (mut parameters, mut mapping) = (Vec::new(), Vec::new());
    for (source, weight, bias) in ordered {
        for values in [weight, bias] {
            if let Some((name, shape)) = shapes.next() {
                if let Some(layer) = name.strip_suffix(".weight") {
                    mapping.push((layer.to_owned(), source.to_owned()));
                }
                parameters.push(Parameter {
                    name,
                    shape,
                    values,
                });
            }
        }
    }
    ImportedVae {
        config,
        parameters,
        mapping,
        head_order,
    }
}

/// A layer's name, weight and bias.
fn copy_layer<'a>(layer: &Layer<'a>) -> (&'a str, Vec<f32>, Vec<f32>) {
    (
        layer.name,
        layer.weight.values.clone(),
        layer.bias.values.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state dict whose values encode the index of their layer.
    fn dict(layers: &[(&str, usize, usize)]) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for (i, &(name, input, output)) in layers.iter().enumerate() {
            parameters.push(Parameter {
                name: format!("{name}.weight"),
                shape: vec![output, input],
                values: (0..input * output).map(|n| (i * 1000 + n) as f32).collect(),
            });
            parameters.push(Parameter {
                name: format!("{name}.bias"),
                shape: vec![output],
                values: vec![i as f32; output],
            });
        }
        // The order in a file has no meaning.
        parameters.reverse();
        parameters
    }

    fn mapping(found: &ImportedVae) -> Vec<(&str, &str)> {
        found
            .mapping
            .iter()
            .map(|(layer, source)| (layer.as_str(), source.as_str()))
            .collect()
    }

    #[test]
    fn infer_architecture_recognizes_the_pytorch_example() {
        let parameters = dict(&[
            ("fc1", 784, 400),
            ("fc21", 400, 20),
            ("fc22", 400, 20),
            ("fc3", 20, 400),
            ("fc4", 400, 784),
        ]);
        let found = infer_architecture(&parameters).expect("a VAE");
        assert_eq!(
            mapping(&found),
            [
                ("encoder.layers.0", "fc1"),
                ("encoder.mu", "fc21"),
                ("encoder.log_var", "fc22"),
                ("decoder.layers.0", "fc3"),
                ("decoder.output", "fc4"),
            ]
        );
        assert_eq!(found.head_order, HeadOrder::Known);
        assert_eq!(
            (found.config.latent_size, found.config.input_size),
            (20, 784)
        );
        super::super::from_parameters(
            &found.config,
            &found.parameters,
            &burn::tensor::Device::flex(),
        )
        .expect("builds");
    }

    #[test]
    fn infer_architecture_recognizes_sequential_layers_and_head_names() {
        let parameters = dict(&[
            ("encoder.0", 784, 512),
            ("encoder.2", 512, 512),
            ("encoder.10", 512, 64),
            ("to_logvar", 64, 8),
            ("to_mean", 64, 8),
            ("decoder.0", 8, 64),
            ("decoder.2", 64, 784),
        ]);
        let found = infer_architecture(&parameters).expect("a VAE");
        assert_eq!(found.config.encoder_hidden, [512, 512, 64]);
        assert_eq!(found.head_order, HeadOrder::Known);
        assert_eq!(
            mapping(&found)[2..5],
            [
                ("encoder.layers.2", "encoder.10"),
                ("encoder.mu", "to_mean"),
                ("encoder.log_var", "to_logvar"),
            ]
        );
    }

    #[test]
    fn infer_architecture_splits_a_joint_head() {
        let parameters = dict(&[
            ("enc.0", 16, 6),
            ("enc.2", 6, 4),
            ("dec.0", 2, 6),
            ("dec.2", 6, 16),
        ]);
        let found = infer_architecture(&parameters).expect("a VAE");
        assert_eq!(found.config.latent_size, 2);
        let mu = &found.parameters[2];
        assert_eq!(
            (mu.name.as_str(), &mu.shape),
            ("encoder.mu.weight", &vec![2, 6])
        );
        assert_eq!(mu.values[0], 1000.0);
        assert_eq!(found.parameters[4].values[0], 1012.0, "the second half");
    }

    #[test]
    fn infer_architecture_explains_why_it_finds_no_vae() {
        let error = |parameters: &[Parameter]| {
            infer_architecture(parameters)
                .expect_err("must be rejected")
                .to_string()
        };
        assert!(error(&dict(&[("a", 784, 10)])).contains("form no chain"));
        let mut conv = dict(&[("fc1", 4, 4)]);
        conv[0].shape = vec![4, 1, 2, 2];
        assert!(error(&conv).contains("linear layer"), "{}", error(&conv));
        let mut alone = dict(&[("fc1", 4, 4)]);
        alone.pop();
        assert!(error(&alone).contains("\"fc1\""));
        assert!(error(&[]).contains("form no chain"));
    }
}
