//! The linear layers of a state dict.

use super::{
    super::Parameter,
    error::{MAX_STATE_DICT_LAYERS, StateDictError},
};
use std::collections::BTreeMap;

/// A linear layer of the file.
pub(super) struct Layer<'a> {
    pub(super) name: &'a str,
    pub(super) input: usize,
    pub(super) output: usize,
    pub(super) weight: &'a Parameter,
    pub(super) bias: &'a Parameter,
}

/// Pairs weights and biases, in the natural order of names: fc9 before fc10.
///
/// # Errors
/// [`StateDictError::NotLinear`], [`StateDictError::Incomplete`] and [`StateDictError::TooMany`].
pub(super) fn pair_layers(parameters: &[Parameter]) -> Result<Vec<Layer<'_>>, StateDictError> {
    let mut parts: BTreeMap<&str, [Option<&Parameter>; 2]> = BTreeMap::new();
    for parameter in parameters {
        let (layer, part) = match (parameter.name.rsplit_once('.'), parameter.shape.len()) {
            (Some((layer, "weight")), 2) => (layer, 0),
            (Some((layer, "bias")), 1) => (layer, 1),
            _ => {
                return Err(StateDictError::NotLinear {
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
            _ => Err(StateDictError::Incomplete {
                layer: name.to_owned(),
            }),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if layers.len() > MAX_STATE_DICT_LAYERS {
        return Err(StateDictError::TooMany {
            found: layers.len(),
        });
    }
    layers.sort_by_key(|layer| natural_key(layer.name));
    Ok(layers)
}

/// A sort key that compares the numbers in a name as numbers.
fn natural_key(name: &str) -> Vec<(String, u64)> {
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
