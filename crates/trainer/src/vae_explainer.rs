//! The weights of VAE Explainer, a convolutional model with two latent dimensions, as its page publishes them for TensorFlow.js:
//! `encoder-big/` and `decoder-big/`, each with `model.json` and a file of weights.

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use serde::Deserialize;
use std::{fs, path::Path};
use vae::{
    Activation, ImageShape, Likelihood, NetworkActivation, NetworkConfig, Operation, Spread, Vae,
    VaeConfig, Window,
    weights::{Parameter, from_parameters},
};

/// Side of the kernels of its convolutions.
const KERNEL: usize = 3;
/// Side of the encoder's innermost feature map, and its channels.
const INNER: [usize; 2] = [7, 64];
const LATENT: usize = 2;

/// The part of `model.json` that says where each tensor is.
#[derive(Deserialize)]
struct Manifest {
    #[serde(rename = "weightsManifest")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    paths: Vec<String>,
    weights: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    shape: Vec<usize>,
    dtype: String,
}

/// A tensor of 32-bit floats.
struct Tensor {
    name: String,
    shape: Vec<usize>,
    values: Vec<f32>,
}

/// The model, and the bytes of its files.
///
/// # Errors
/// If a file can't be read, or has other tensors than the published ones.
pub(crate) fn read(folder: &Path, device: &Device) -> Result<(Vae, usize)> {
    let (encoder, encoder_bytes) = tensors(&folder.join("encoder-big"))?;
    let (decoder, decoder_bytes) = tensors(&folder.join("decoder-big"))?;
    let config = config();
    let heads = dense(find(&encoder, &[16, 2 * LATENT])?);
    let head_bias = &find(&encoder, &[2 * LATENT])?.values;
    // The first half is log σ², the second μ.
    let (log_var, mu) = (&heads[..LATENT * 16], &heads[LATENT * 16..]);
    let inner = INNER[0] * INNER[0] * INNER[1];
    let values = [
        convolution(find(&encoder, &[KERNEL, KERNEL, 1, 32])?, true),
        find(&encoder, &[1, 1, 1, 32])?.values.clone(),
        convolution(find(&encoder, &[KERNEL, KERNEL, 32, 64])?, true),
        find(&encoder, &[1, 1, 1, 64])?.values.clone(),
        dense(find(&encoder, &[inner, 16])?),
        find(&encoder, &[16])?.values.clone(),
        mu.to_vec(),
        head_bias[LATENT..].to_vec(),
        log_var.to_vec(),
        head_bias[..LATENT].to_vec(),
        dense(find(&decoder, &[LATENT, inner])?),
        find(&decoder, &[inner])?.values.clone(),
        transposed(find(&decoder, &[KERNEL, KERNEL, 64, 64])?, true),
        find(&decoder, &[1, 1, 1, 64])?.values.clone(),
        transposed(find(&decoder, &[KERNEL, KERNEL, 32, 64])?, true),
        find(&decoder, &[1, 1, 1, 32])?.values.clone(),
        transposed(find(&decoder, &[KERNEL, KERNEL, 1, 32])?, false),
        find(&decoder, &[1, 1, 1, 1])?.values.clone(),
    ];
    let parameters: Vec<Parameter> = config
        .parameter_shapes()
        .into_iter()
        .zip(values)
        .map(|((name, shape), values)| Parameter {
            name,
            shape,
            values,
        })
        .collect();
    let model = from_parameters(&config, &parameters, device)?;
    Ok((model, encoder_bytes + decoder_bytes))
}

/// Its layers. TensorFlow pads a step of 2 at the lower and right end only; here that is a kernel of 4×4 whose first row and
/// column are zero, with one row and column of zeros on each side.
fn config() -> VaeConfig {
    let relu = Operation::Activation(NetworkActivation::Relu);
    let halving = Window::square(KERNEL + 1, 2, 1);
    let convolution = |outputs| Operation::Convolution {
        outputs,
        window: halving,
    };
    let transposed = |outputs, window| Operation::TransposedConvolution {
        outputs,
        window,
        output_padding: [0; 2],
    };
    let [side, channels] = INNER;
    VaeConfig {
        input_size: ImageShape::MNIST.values(),
        convolution: None,
        network: Some(NetworkConfig {
            image: ImageShape::MNIST,
            encoder: Some(vec![
                convolution(32),
                relu.clone(),
                convolution(64),
                relu.clone(),
                Operation::Linear { outputs: 16 },
                relu.clone(),
            ]),
            spread: Spread::LogVar,
            decoder: vec![
                Operation::Linear {
                    outputs: side * side * channels,
                },
                relu.clone(),
                Operation::Reshape {
                    height: side,
                    width: side,
                    channels,
                },
                transposed(64, halving),
                relu.clone(),
                transposed(32, halving),
                relu,
                transposed(1, Window::square(KERNEL, 1, 1)),
            ],
            graphs: None,
        }),
        encoder_hidden: Vec::new(),
        decoder_hidden: Vec::new(),
        latent_size: LATENT,
        classes: 0,
        activation: Activation::Relu,
        likelihood: Likelihood::Bernoulli,
    }
}

/// The tensors of a model, and the bytes of its files.
fn tensors(folder: &Path) -> Result<(Vec<Tensor>, usize)> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read(&path).with_context(|| format!("can't read {}", path.display()))
    };
    let json = read("model.json")?;
    let manifest: Manifest = serde_json::from_slice(&json).context("model.json")?;
    let mut size = json.len();
    let mut tensors = Vec::new();
    for group in manifest.groups {
        let mut bytes = Vec::new();
        for path in &group.paths {
            bytes.extend(read(path)?);
        }
        size += bytes.len();
        let mut rest = bytes.as_slice();
        for Entry { name, shape, dtype } in group.weights {
            // All types in these files have four bytes.
            ensure!(
                matches!(dtype.as_str(), "float32" | "int32"),
                "{name} has the type {dtype}"
            );
            let count = shape.iter().product::<usize>();
            let (these, after) = rest
                .split_at_checked(4 * count)
                .with_context(|| format!("{name} is beyond the end of the file"))?;
            rest = after;
            if dtype == "float32" {
                let (values, _) = these.as_chunks::<4>();
                let values = values.iter().map(|bytes| f32::from_le_bytes(*bytes));
                tensors.push(Tensor {
                    name,
                    shape,
                    values: values.collect(),
                });
            }
        }
    }
    Ok((tensors, size))
}

/// The only tensor of this shape.
fn find<'a>(tensors: &'a [Tensor], shape: &[usize]) -> Result<&'a Tensor> {
    let mut found = tensors.iter().filter(|tensor| tensor.shape == shape);
    let first = found
        .next()
        .with_context(|| format!("there is no tensor of the shape {shape:?}"))?;
    if let Some(second) = found.next() {
        anyhow::bail!(
            "{} and {} both have the shape {shape:?}",
            first.name,
            second.name
        );
    }
    Ok(first)
}

/// `[in, out]` as `[out, in]`.
fn dense(tensor: &Tensor) -> Vec<f32> {
    let [inputs, outputs] = [tensor.shape[0], tensor.shape[1]];
    let mut values = Vec::with_capacity(tensor.values.len());
    for output in 0..outputs {
        values.extend((0..inputs).map(|input| tensor.values[input * outputs + output]));
    }
    values
}

/// `[height, width, in, out]` as `[out, in, height, width]`, where `padded` with a first row and column of zeros.
fn convolution(tensor: &Tensor, padded: bool) -> Vec<f32> {
    let [inputs, outputs] = [tensor.shape[2], tensor.shape[3]];
    kernels(outputs, inputs, padded, |row, column, input, output| {
        tensor.values[((row * KERNEL + column) * inputs + input) * outputs + output]
    })
}

/// The same of a transposed convolution, `[height, width, out, in]`.
fn transposed(tensor: &Tensor, padded: bool) -> Vec<f32> {
    let [outputs, inputs] = [tensor.shape[2], tensor.shape[3]];
    kernels(outputs, inputs, padded, |row, column, input, output| {
        tensor.values[((row * KERNEL + column) * outputs + output) * inputs + input]
    })
}

fn kernels(
    outputs: usize,
    inputs: usize,
    padded: bool,
    value: impl Fn(usize, usize, usize, usize) -> f32,
) -> Vec<f32> {
    let first = usize::from(padded);
    let mut values = Vec::new();
    for output in 0..outputs {
        for input in 0..inputs {
            for row in 0..KERNEL + first {
                for column in 0..KERNEL + first {
                    values.push(match row < first || column < first {
                        true => 0.0,
                        false => value(row - first, column - first, input, output),
                    });
                }
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_is_valid() {
        let config = config();
        assert_eq!(config.validate(), Ok(()));
        assert_eq!(config.parameter_shapes().len(), 18);
    }

    #[test]
    fn kernels_are_transposed_and_padded() {
        let tensor = |shape: [usize; 4]| Tensor {
            name: String::new(),
            shape: shape.to_vec(),
            values: (0..shape.iter().product())
                .map(|i: usize| i as f32)
                .collect(),
        };
        let plain = convolution(&tensor([3, 3, 2, 1]), false);
        assert_eq!(plain[..3], [0.0, 2.0, 4.0], "the first input's first row");
        assert_eq!(plain[9], 1.0, "the second input");
        let padded = transposed(&tensor([3, 3, 1, 2]), true);
        assert_eq!(padded.len(), 2 * 16);
        assert_eq!(padded[..8], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 4.0]);
        let matrix = Tensor {
            name: String::new(),
            shape: vec![2, 3],
            values: vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
        };
        assert_eq!(dense(&matrix), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    }
}
