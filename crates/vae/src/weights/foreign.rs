//! State dicts of other people's VAEs: which layer is which, from names and shapes.

use super::{Parameter, WeightsError, f32_values};
use crate::{Activation, Likelihood, VaeConfig};
use safetensors::SafeTensors;
use std::collections::BTreeMap;
use thiserror::Error;

/// The most linear layers that are looked through.
pub const MAX_FOREIGN_LAYERS: usize = 24;

/// How the two halves of q(z|x) stand in a foreign file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heads {
    /// Names or position tell μ from log σ².
    Known,
    /// They could be the other way round; people should try both.
    Guessed,
}

/// A foreign model in our terms.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreign {
    /// The architecture. A state dict does not say the activation and the likelihood: ReLU and
    /// Bernoulli are assumed, as in pytorch/examples.
    pub config: VaeConfig,
    /// The parameters under our names, in the order of [`VaeConfig::parameter_shapes`].
    pub parameters: Vec<Parameter>,
    /// For each layer of ours, the name of the foreign one.
    pub mapping: Vec<(String, String)>,
    /// Whether μ and log σ² are told apart.
    pub heads: Heads,
}

impl Foreign {
    /// Takes μ for log σ² and the other way round.
    pub fn swap_heads(&mut self) {
        // Weights, biases and names stay in place, values and foreign names change sides.
        let mu = 2 * self.config.encoder_hidden.len();
        for part in [mu, mu + 1] {
            let (before, after) = self.parameters.split_at_mut(part + 2);
            std::mem::swap(&mut before[part].values, &mut after[0].values);
        }
        let head = self.config.encoder_hidden.len();
        let (before, after) = self.mapping.split_at_mut(head + 1);
        std::mem::swap(&mut before[head].1, &mut after[0].1);
    }
}

/// A state dict that is no MLP VAE as far as one can see.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ForeignError {
    /// The file can't be read, or holds numbers that are none.
    #[error(transparent)]
    File(#[from] WeightsError),
    /// A tensor belongs to no linear layer.
    #[error(
        "\"{name}\" has the shape {shape:?}, which is no weight or bias of a linear layer; only chains of Linear layers can be used"
    )]
    NotLinear {
        /// Its name.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// A layer lacks its weight or its bias, or they do not fit each other.
    #[error("the layer \"{layer}\" has no weight and bias that fit each other")]
    Incomplete {
        /// Its name.
        layer: String,
    },
    /// Too many layers.
    #[error("there are {found} linear layers; at most {MAX_FOREIGN_LAYERS} are looked through")]
    TooMany {
        /// Their number.
        found: usize,
    },
    /// The layers form no encoder and decoder.
    #[error(
        "the layers ({shapes}) form no chain image → hidden → μ and log σ² → z → hidden → image that uses each of them once"
    )]
    NoChain {
        /// The layers with their sizes.
        shapes: String,
    },
}

/// A linear layer of the file.
struct Layer<'a> {
    name: &'a str,
    input: usize,
    output: usize,
    weight: &'a Parameter,
    bias: &'a Parameter,
}

/// Which layers make up the model, as positions in the list of layers.
#[derive(Debug, Clone, PartialEq)]
struct Chain {
    encoder: Vec<usize>,
    heads: HeadLayers,
    decoder: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum HeadLayers {
    /// One layer for μ, one for log σ².
    Two(usize, usize),
    /// One layer for both, μ first.
    Joint(usize),
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
/// See [`ForeignError`].
pub fn recognise(parameters: &[Parameter]) -> Result<Foreign, ForeignError> {
    let layers = layers(parameters)?;
    let chain = find_chain(&layers).ok_or_else(|| ForeignError::NoChain {
        shapes: layers
            .iter()
            .map(|layer| format!("{} {}→{}", layer.name, layer.input, layer.output))
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    Ok(in_our_terms(&layers, &chain))
}

/// The tensors of a state dict with our names, of a known architecture.
///
/// # Errors
/// [`WeightsError::Missing`], [`WeightsError::Shape`] and [`WeightsError::Unexpected`] when they are not those of
/// the architecture.
pub fn by_name(parameters: &[Parameter], config: VaeConfig) -> Result<Foreign, WeightsError> {
    let shapes = config.parameter_shapes();
    let known = |name: &String| shapes.iter().any(|(of, _)| of == name);
    if let Some(stranger) = parameters.iter().find(|found| !known(&found.name)) {
        return Err(WeightsError::Unexpected {
            name: stranger.name.clone(),
        });
    }
    let mut ordered = Vec::new();
    for (name, expected) in shapes {
        let found = parameters.iter().find(|found| found.name == name);
        let found = found.ok_or(WeightsError::Missing { name })?;
        if found.shape != expected {
            return Err(WeightsError::Shape {
                name: found.name.clone(),
                expected,
                found: found.shape.clone(),
            });
        }
        ordered.push(found.clone());
    }
    let layers = ordered
        .iter()
        .filter_map(|found| found.name.strip_suffix(".weight"));
    Ok(Foreign {
        mapping: layers
            .map(|layer| (layer.to_owned(), layer.to_owned()))
            .collect(),
        parameters: ordered,
        config,
        heads: Heads::Known,
    })
}

/// Pairs weights and biases. Sorted by name as people count: fc9 before fc10.
fn layers(parameters: &[Parameter]) -> Result<Vec<Layer<'_>>, ForeignError> {
    let mut parts: BTreeMap<&str, [Option<&Parameter>; 2]> = BTreeMap::new();
    for parameter in parameters {
        let (layer, part) = match (parameter.name.rsplit_once('.'), parameter.shape.len()) {
            (Some((layer, "weight")), 2) => (layer, 0),
            (Some((layer, "bias")), 1) => (layer, 1),
            _ => {
                return Err(ForeignError::NotLinear {
                    name: parameter.name.clone(),
                    shape: parameter.shape.clone(),
                });
            }
        };
        parts.entry(layer).or_default()[part] = Some(parameter);
    }
    let mut layers = parts
        .into_iter()
        .map(|(name, parts)| match parts {
            [Some(weight), Some(bias)] if weight.shape[0] == bias.shape[0] => Ok(Layer {
                name,
                input: weight.shape[1],
                output: weight.shape[0],
                weight,
                bias,
            }),
            _ => Err(ForeignError::Incomplete {
                layer: name.to_owned(),
            }),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if layers.len() > MAX_FOREIGN_LAYERS {
        return Err(ForeignError::TooMany {
            found: layers.len(),
        });
    }
    layers.sort_by_key(|layer| natural(layer.name));
    Ok(layers)
}

/// A name with its numbers as numbers.
fn natural(name: &str) -> Vec<(String, u64)> {
    let mut parts = vec![(String::new(), 0_u64)];
    let mut in_number = false;
    for character in name.chars() {
        let last = parts.len() - 1;
        match character.to_digit(10) {
            Some(digit) => {
                let (_, number) = &mut parts[last];
                *number = number.saturating_mul(10).saturating_add(digit.into());
                in_number = true;
            }
            None if in_number => {
                parts.push((character.to_string(), 0));
                in_number = false;
            }
            None => parts[last].0.push(character),
        }
    }
    parts
}

/// The first chain, in the order of names, that uses each layer once.
fn find_chain(layers: &[Layer<'_>]) -> Option<Chain> {
    let mut sizes: Vec<usize> = layers.iter().map(|layer| layer.input).collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes.dedup();
    // An image is larger than anything between.
    sizes.into_iter().find_map(|image| {
        let mut search = Search {
            layers,
            image,
            used: vec![false; layers.len()],
            encoder: Vec::new(),
        };
        search.encode(image)
    })
}

struct Search<'a> {
    layers: &'a [Layer<'a>],
    image: usize,
    used: Vec<bool>,
    encoder: Vec<usize>,
}

impl Search<'_> {
    /// Unused layers that take `width` values.
    fn taking(&self, width: usize) -> Vec<usize> {
        (0..self.layers.len())
            .filter(|&i| !self.used[i] && self.layers[i].input == width)
            .collect()
    }

    fn encode(&mut self, width: usize) -> Option<Chain> {
        let next = self.taking(width);
        for (at, &first) in next.iter().enumerate() {
            for &second in &next[at + 1..] {
                if self.layers[first].output == self.layers[second].output {
                    let latent = self.layers[first].output;
                    let found = self.head(HeadLayers::Two(first, second), latent);
                    if found.is_some() {
                        return found;
                    }
                }
            }
        }
        for &layer in &next {
            self.used[layer] = true;
            self.encoder.push(layer);
            let found = self.encode(self.layers[layer].output);
            if found.is_some() {
                return found;
            }
            self.encoder.pop();
            self.used[layer] = false;
        }
        for &layer in &next {
            let both = self.layers[layer].output;
            if both.is_multiple_of(2) {
                let found = self.head(HeadLayers::Joint(layer), both / 2);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    fn head(&mut self, heads: HeadLayers, latent: usize) -> Option<Chain> {
        let taken = match heads {
            HeadLayers::Two(first, second) => vec![first, second],
            HeadLayers::Joint(layer) => vec![layer],
        };
        taken.iter().for_each(|&layer| self.used[layer] = true);
        let found = self.decode(latent).map(|decoder| Chain {
            encoder: self.encoder.clone(),
            heads,
            decoder,
        });
        taken.iter().for_each(|&layer| self.used[layer] = false);
        found
    }

    fn decode(&mut self, width: usize) -> Option<Vec<usize>> {
        for layer in self.taking(width) {
            self.used[layer] = true;
            let rest = if self.used.iter().all(|&used| used) {
                (self.layers[layer].output == self.image).then(Vec::new)
            } else {
                self.decode(self.layers[layer].output)
            };
            self.used[layer] = false;
            if let Some(mut rest) = rest {
                rest.insert(0, layer);
                return Some(rest);
            }
        }
        None
    }
}

fn in_our_terms(layers: &[Layer<'_>], chain: &Chain) -> Foreign {
    let outputs = |indices: &[usize]| -> Vec<usize> {
        indices.iter().map(|&layer| layers[layer].output).collect()
    };
    let (heads, mu, log_var, latent_size) = match chain.heads {
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
            (Heads::Known, half(0), half(latent), latent)
        }
        HeadLayers::Two(first, second) => {
            let (heads, swapped) = tell_apart(layers[first].name, layers[second].name);
            let (mu, log_var) = if swapped {
                (second, first)
            } else {
                (first, second)
            };
            (
                heads,
                whole(&layers[mu]),
                whole(&layers[log_var]),
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
        encoder_hidden: outputs(&chain.encoder),
        decoder_hidden: outputs(hidden),
        latent_size,
        classes: 0,
        activation: Activation::Relu,
        likelihood: Likelihood::Bernoulli,
    };
    let encoder = chain.encoder.iter().map(|&layer| whole(&layers[layer]));
    let decoder = chain.decoder.iter().map(|&layer| whole(&layers[layer]));
    let ordered = encoder.chain([mu, log_var]).chain(decoder);
    let mut shapes = config.parameter_shapes().into_iter();
    let (mut parameters, mut mapping) = (Vec::new(), Vec::new());
    for (theirs, weight, bias) in ordered {
        for values in [weight, bias] {
            if let Some((name, shape)) = shapes.next() {
                if let Some(ours) = name.strip_suffix(".weight") {
                    mapping.push((ours.to_owned(), theirs.to_owned()));
                }
                parameters.push(Parameter {
                    name,
                    shape,
                    values,
                });
            }
        }
    }
    Foreign {
        config,
        parameters,
        mapping,
        heads,
    }
}

fn whole<'a>(layer: &Layer<'a>) -> (&'a str, Vec<f32>, Vec<f32>) {
    (
        layer.name,
        layer.weight.values.clone(),
        layer.bias.values.clone(),
    )
}

/// Whether names tell μ from log σ², and whether the second is μ. Without a telling name the first
/// counts as μ, as with fc21 and fc22 of pytorch/examples.
fn tell_apart(first: &str, second: &str) -> (Heads, bool) {
    let spread = |name: &str| {
        let name = name.to_lowercase();
        ["var", "sigma", "std", "scale"]
            .iter()
            .any(|word| name.contains(word))
    };
    let centre = |name: &str| {
        let name = name.to_lowercase();
        ["mu", "mean", "loc"].iter().any(|word| name.contains(word))
    };
    match (
        spread(first) || centre(second) && !centre(first),
        spread(second) || centre(first) && !centre(second),
    ) {
        (true, false) => (Heads::Known, true),
        (false, true) => (Heads::Known, false),
        _ if (first, second) == ("fc21", "fc22") => (Heads::Known, false),
        _ => (Heads::Guessed, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Layers with weights that tell which layer they come from.
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
        // The order of a file tells nothing.
        parameters.reverse();
        parameters
    }

    fn mapping(found: &Foreign) -> Vec<(&str, &str)> {
        found
            .mapping
            .iter()
            .map(|(ours, theirs)| (ours.as_str(), theirs.as_str()))
            .collect()
    }

    #[test]
    fn the_example_of_pytorch_is_recognised() {
        let parameters = dict(&[
            ("fc1", 784, 400),
            ("fc21", 400, 20),
            ("fc22", 400, 20),
            ("fc3", 20, 400),
            ("fc4", 400, 784),
        ]);
        let found = recognise(&parameters).expect("a VAE");
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
        assert_eq!(found.heads, Heads::Known);
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
    fn chains_of_sequential_layers_with_telling_names() {
        let parameters = dict(&[
            ("encoder.0", 784, 512),
            ("encoder.2", 512, 512),
            ("encoder.10", 512, 64),
            ("to_logvar", 64, 8),
            ("to_mean", 64, 8),
            ("decoder.0", 8, 64),
            ("decoder.2", 64, 784),
        ]);
        let found = recognise(&parameters).expect("a VAE");
        assert_eq!(found.config.encoder_hidden, [512, 512, 64]);
        assert_eq!(found.heads, Heads::Known);
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
    fn a_joint_head_is_split() {
        let parameters = dict(&[
            ("enc.0", 16, 6),
            ("enc.2", 6, 4),
            ("dec.0", 2, 6),
            ("dec.2", 6, 16),
        ]);
        let found = recognise(&parameters).expect("a VAE");
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
    fn what_is_no_vae_says_why() {
        let error = |parameters: &[Parameter]| {
            recognise(parameters)
                .expect_err("must be refused")
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
