//! The encoder's layers, from a model's file, and their activations. For Figure 4; the engine does not report what is
//! between an encoder's input and its output.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A fully connected layer, with the names of PyTorch.
#[derive(Debug, Clone, PartialEq)]
struct Layer {
    /// `[outputs × inputs]`.
    weight: Vec<f32>,
    /// `[outputs]`.
    bias: Vec<f32>,
}

/// The hidden layers and the two heads.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EncoderLayers {
    hidden: Vec<Layer>,
    mu: Layer,
    log_var: Layer,
}

/// What an encoder computes for an image.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Activations {
    /// After each hidden layer.
    pub(crate) hidden: Vec<Vec<f32>>,
    /// μ, `[latent]`.
    pub(crate) mu: Vec<f32>,
    /// log σ², `[latent]`.
    pub(crate) log_var: Vec<f32>,
}

/// Values and shape of a tensor.
type Values = (Vec<f32>, Vec<usize>);

#[derive(Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

impl Layer {
    fn forward(&self, input: &[f32]) -> Vec<f32> {
        self.weight
            .chunks_exact(input.len().max(1))
            .zip(&self.bias)
            .map(|(row, bias)| row.iter().zip(input).map(|(w, x)| w * x).sum::<f32>() + bias)
            .collect()
    }
}

impl EncoderLayers {
    /// Reads the encoder from a safetensors file of 16- or 32-bit floats, or of int8 with a scale for each row. The engine has validated the file.
    ///
    /// # Errors
    ///
    /// If a layer is missing or has another type.
    pub(crate) fn read(file: &[u8]) -> Result<Self, String> {
        let (length, rest) = file
            .split_first_chunk::<8>()
            .ok_or("the file is too short")?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|e| e.to_string())?;
        let (header, data) = rest
            .split_at_checked(length)
            .ok_or("the header is too short")?;
        let header: BTreeMap<String, serde_json::Value> =
            serde_json::from_slice(header).map_err(|error| error.to_string())?;
        let stored = |name: String| -> Result<Option<(Tensor, &[u8])>, String> {
            let Some(value) = header.get(&name) else {
                return Ok(None);
            };
            let tensor: Tensor =
                serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
            let [from, to] = tensor.data_offsets;
            let bytes = data
                .get(from..to)
                .ok_or("a tensor is outside of the file")?;
            Ok(Some((tensor, bytes)))
        };
        let tensor = |name: String| -> Result<Option<Values>, String> {
            let Some((tensor, bytes)) = stored(name.clone())? else {
                return Ok(None);
            };
            let values = if tensor.dtype == "I8" {
                let scales = stored(format!("{name}.scale"))?;
                let (scales, of_scales) =
                    scales.ok_or(format!("the scales of {name} are missing"))?;
                scaled(bytes, &floats(&scales.dtype, of_scales)?)
            } else {
                floats(&tensor.dtype, bytes)?
            };
            Ok(Some((values, tensor.shape)))
        };
        let layer = |name: &str| -> Result<Option<Layer>, String> {
            let weight = tensor(format!("{name}.weight"))?;
            let bias = tensor(format!("{name}.bias"))?;
            let (Some((weight, shape)), Some((bias, _))) = (weight, bias) else {
                return Ok(None);
            };
            if shape.iter().product::<usize>() != weight.len() || shape.first() != Some(&bias.len())
            {
                return Err(format!("{name} has an unexpected shape"));
            }
            Ok(Some(Layer { weight, bias }))
        };
        let needed = |name: &str| layer(name)?.ok_or(format!("{name} is missing"));
        let mut hidden = Vec::new();
        while let Some(found) = layer(&format!("encoder.layers.{}", hidden.len()))? {
            hidden.push(found);
        }
        Ok(Self {
            hidden,
            mu: needed("encoder.mu")?,
            log_var: needed("encoder.log_var")?,
        })
    }

    /// Number of weights and biases.
    pub(crate) fn parameters(&self) -> usize {
        let layers = self.hidden.iter().chain([&self.mu, &self.log_var]);
        layers
            .map(|layer| layer.weight.len() + layer.bias.len())
            .sum()
    }

    /// Number of outputs of both heads.
    pub(crate) fn outputs(&self) -> usize {
        self.mu.bias.len() + self.log_var.bias.len()
    }

    /// The activations for an input, `[pixels + classes]` from 0 to 1.
    pub(crate) fn forward(&self, input: &[f32], activation: fn(f32) -> f32) -> Activations {
        let mut hidden: Vec<Vec<f32>> = Vec::new();
        for layer in &self.hidden {
            let from = hidden.last().map_or(input, Vec::as_slice);
            hidden.push(layer.forward(from).into_iter().map(activation).collect());
        }
        let last = hidden.last().map_or(input, Vec::as_slice);
        Activations {
            mu: self.mu.forward(last),
            log_var: self.log_var.forward(last),
            hidden,
        }
    }
}

/// The values of int8 rows, each with its scale.
fn scaled(bytes: &[u8], scales: &[f32]) -> Vec<f32> {
    let row = (bytes.len() / scales.len().max(1)).max(1);
    let rows = bytes.chunks(row).zip(scales);
    rows.flat_map(|(row, scale)| row.iter().map(move |&byte| f32::from(byte as i8) * scale))
        .collect()
}

/// Little-endian floats.
fn floats(dtype: &str, bytes: &[u8]) -> Result<Vec<f32>, String> {
    match dtype {
        "F32" => Ok(bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|four| f32::from_le_bytes(*four))
            .collect()),
        "F16" => Ok(bytes
            .as_chunks::<2>()
            .0
            .iter()
            .map(|two| half_to_single(u16::from_le_bytes(*two)))
            .collect()),
        other => Err(format!("weights of type {other} are not supported")),
    }
}

/// IEEE 754 binary16 to binary32.
fn half_to_single(half: u16) -> f32 {
    let sign = if half >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(half >> 10 & 0x1f), f32::from(half & 0x3ff));
    sign * match exponent {
        0 => fraction * 2_f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2_f32.powi(exponent - 15),
    }
}

/// The function of this name in a model's card.
pub(crate) fn activation(name: &str) -> Option<fn(f32) -> f32> {
    Some(match name {
        "relu" => |x| x.max(0.0),
        "leaky-relu" => |x: f32| if x > 0.0 { x } else { 0.01 * x },
        "elu" => |x: f32| if x > 0.0 { x } else { x.exp_m1() },
        "silu" => |x: f32| x / (1.0 + (-x).exp()),
        "gelu" => |x: f32| {
            let x = f64::from(x);
            (0.5 * x * (1.0 + libm::erf(x * std::f64::consts::FRAC_1_SQRT_2))) as f32
        },
        "tanh" => |x: f32| x.tanh(),
        "sigmoid" => |x: f32| 1.0 / (1.0 + (-x).exp()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped(name: &str) -> (Vec<u8>, serde_json::Value) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../weights");
        let weights = std::fs::read(format!("{folder}/{name}.safetensors")).expect("weights");
        let card = std::fs::read(format!("{folder}/{name}.json")).expect("card");
        (weights, serde_json::from_slice(&card).expect("JSON"))
    }

    #[test]
    fn encoder_layers_of_included_models_have_the_sizes_of_their_cards() {
        for name in [
            "mnist-2d",
            "mnist-16d",
            "mnist-binary-2d",
            "mnist-binary-20d",
        ] {
            let (weights, card) = shipped(name);
            let layers = EncoderLayers::read(&weights).expect("an encoder");
            let hidden = &card["architecture"]["encoder_hidden"];
            let expected: Vec<usize> = serde_json::from_value(hidden.clone()).expect("sizes");
            let activation = card["architecture"]["activation"].as_str().expect("a name");
            let activation = super::activation(activation).expect("a known activation");
            let found = layers.forward(&vec![0.5; 784], activation);
            let sizes: Vec<_> = found.hidden.iter().map(Vec::len).collect();
            assert_eq!(sizes, expected, "{name}");
            let latent = card["architecture"]["latent_size"]
                .as_u64()
                .expect("a size") as usize;
            assert_eq!((found.mu.len(), found.log_var.len()), (latent, latent));
            assert_eq!(layers.outputs(), 2 * latent);
            assert!(found.mu.iter().all(|mu| mu.is_finite()));
        }
    }

    #[test]
    fn half_to_single_converts_all_kinds_of_numbers() {
        for (half, expected) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 2_f32.powi(-24)),
            (0x3555, 0.333_251_95),
        ] {
            assert_eq!(half_to_single(half), expected, "{half:x}");
        }
        assert!(half_to_single(0x7e00).is_nan() && half_to_single(0x7c00).is_infinite());
    }

    #[test]
    fn encoder_layers_read_int8_with_the_scale_of_each_row() {
        let tensors = [
            ("encoder.mu.weight", "I8", vec![2, 2], vec![127, 0, 254, 1]),
            ("encoder.mu.weight.scale", "F32", vec![2], {
                [0.5_f32, 2.0]
                    .iter()
                    .flat_map(|s| s.to_le_bytes())
                    .collect()
            }),
            ("encoder.mu.bias", "F16", vec![2], vec![0, 0x3c, 0, 0]),
            ("encoder.log_var.weight", "F16", vec![1, 2], vec![0; 4]),
            ("encoder.log_var.bias", "F16", vec![1], vec![0; 2]),
        ];
        let mut header = serde_json::Map::new();
        let mut data: Vec<u8> = Vec::new();
        for (name, dtype, shape, bytes) in tensors {
            let offsets = [data.len(), data.len() + bytes.len()];
            let tensor =
                serde_json::json!({"dtype": dtype, "shape": shape, "data_offsets": offsets});
            header.insert(name.to_owned(), tensor);
            data.extend::<Vec<u8>>(bytes);
        }
        let header = serde_json::to_vec(&header).expect("plain data");
        let file = [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat();
        let layers = EncoderLayers::read(&file).expect("reads");
        assert_eq!(layers.mu.weight, [63.5, 0.0, -4.0, 2.0]);
        assert_eq!(layers.mu.bias, [1.0, 0.0]);
    }

    #[test]
    fn encoder_layers_reject_other_files() {
        for file in [
            &b""[..],
            &[9, 0, 0, 0, 0, 0, 0, 0, b'{'],
            b"\x02\0\0\0\0\0\0\0{}",
        ] {
            assert!(EncoderLayers::read(file).is_err());
        }
    }
}
