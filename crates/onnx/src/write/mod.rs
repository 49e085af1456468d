//! Writes models as ONNX: the decoder in one file and the encoder in another, because a program that runs ONNX needs all
//! inputs of a file.

mod architecture;
mod nodes;

use crate::{
    OnnxError,
    lower::{Draft, Reference, Weight},
};
use architecture::{Layers, decoder, encoder};
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;
use spec::{
    BinaryFunction, GraphOperation, ImageShape, Likelihood, Spread, UnaryFunction, VaeConfig,
};
use std::collections::HashMap;

/// The files of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// From "z" `[n, latent]`, and "label" `[n, classes]` of a conditional model, to "image" `[n, channels, height,
    /// width]`: the mean of p(x|z).
    pub decoder: Vec<u8>,
    /// From "image" and "label" to "mu" and "log_var" `[n, latent]`; `None` for a decoder alone.
    pub encoder: Option<Vec<u8>>,
}

/// What is read of a card.
#[derive(Deserialize)]
struct Card {
    name: String,
    architecture: VaeConfig,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    image: ImageShape,
}

/// The limits of log σ² in the encoder (`kernels::latent`).
const LOG_VAR: [f32; 2] = [-10.0, 6.0];

/// The model of a card and its weights as ONNX.
///
/// # Errors
/// [`OnnxError::Parts`] if card and weights are not a model.
pub fn export(card: &str, weights: &[u8]) -> Result<Exported, OnnxError> {
    let wrong = |reason: String| OnnxError::Parts(format!("the model can't be exported: {reason}"));
    let card: Card = serde_json::from_str(card).map_err(|error| wrong(error.to_string()))?;
    let config = &card.architecture;
    config
        .validate()
        .map_err(|error| wrong(error.to_string()))?;
    let image = match (&config.network, &config.convolution) {
        (Some(network), _) => network.image,
        (None, Some(convolution)) => convolution.image,
        (None, None) => card.data.image,
    };
    if image.values() != config.input_size {
        return Err(wrong("its images have another size".into()));
    }
    let layers = Layers::new(parameters(config, weights).map_err(wrong)?);
    let decoder_file = decoder_file(&card.name, config, image, &layers)?;
    let encoder_file = match config.has_encoder() {
        true => Some(encoder_file(&card.name, config, image, &layers)?),
        false => None,
    };
    Ok(Exported {
        decoder: decoder_file,
        encoder: encoder_file,
    })
}

/// The parameters of an architecture by their names.
fn parameters(config: &VaeConfig, bytes: &[u8]) -> Result<HashMap<String, Weight>, String> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let read = |(name, axes): (String, Vec<usize>)| {
        let view = tensors.tensor(&name).map_err(|error| error.to_string())?;
        if view.shape() != axes {
            return Err(format!("{name} has another shape"));
        }
        let values: Vec<f32> = match view.dtype() {
            Dtype::F32 => {
                let values = view.data().chunks_exact(4);
                values
                    .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                    .collect()
            }
            Dtype::F16 => {
                let values = view.data().chunks_exact(2);
                values
                    .map(|b| half::f16::from_le_bytes([b[0], b[1]]).to_f32())
                    .collect()
            }
            other => return Err(format!("{name} has the type {other:?}")),
        };
        let weight = Weight {
            name: name.clone(),
            axes,
            values,
        };
        Ok((name, weight))
    };
    config.parameter_shapes().into_iter().map(read).collect()
}

fn decoder_file(
    name: &str,
    config: &VaeConfig,
    image: ImageShape,
    layers: &Layers,
) -> Result<Vec<u8>, OnnxError> {
    let per_sample = graphs(config).is_some_and(|graphs| graphs.decoder.per_sample);
    let mut draft = Draft::new(config.latent_size, config.classes, per_sample);
    let mut x = decoder(&mut draft, config, layers)?;
    let mean = match config.likelihood {
        Likelihood::Bernoulli | Likelihood::ContinuousBernoulli => Some(UnaryFunction::Sigmoid),
        Likelihood::DiscretizedLogistic { .. } => Some(UnaryFunction::Clip {
            min: Some(0.0),
            max: Some(1.0),
        }),
        Likelihood::Gaussian { .. } => None,
    };
    if let Some(mean) = mean {
        x = draft.push(GraphOperation::Unary(mean), &[x])?;
    }
    let x = to_image(&mut draft, x, image)?;
    nodes::file(
        draft,
        &[x],
        nodes::Names {
            model: name,
            input: "z",
            input_axes: &[config.latent_size],
            outputs: &["image"],
        },
    )
}

fn encoder_file(
    name: &str,
    config: &VaeConfig,
    image: ImageShape,
    layers: &Layers,
) -> Result<Vec<u8>, OnnxError> {
    let encoder_graph = graphs(config).and_then(|graphs| graphs.encoder.as_ref());
    let per_sample = encoder_graph.is_some_and(|graph| graph.per_sample);
    let mut draft = Draft::new(config.input_size, config.classes, per_sample);
    let x = of_image(&mut draft, image)?;
    let [mu, spread] = encoder(&mut draft, config, layers, x)?;
    let kind = config
        .network
        .as_ref()
        .map_or(Spread::LogVar, |network| network.spread);
    let log_var = log_var(&mut draft, spread, kind)?;
    let axes = [image.channels, image.height, image.width];
    nodes::file(
        draft,
        &[mu, log_var],
        nodes::Names {
            model: name,
            input: "image",
            input_axes: &axes,
            outputs: &["mu", "log_var"],
        },
    )
}

fn graphs(config: &VaeConfig) -> Option<&spec::Graphs> {
    config.network.as_ref()?.graphs.as_deref()
}

/// log σ² of what a second head computes.
fn log_var(draft: &mut Draft, x: Reference, kind: Spread) -> Result<Reference, OnnxError> {
    // As in the encoder of crate `vae`.
    const SMALLEST: f32 = 1e-12;
    let mut x = x;
    let positive = match kind {
        Spread::Sigma => Some(UnaryFunction::Abs),
        Spread::Softplus => Some(UnaryFunction::Softplus),
        Spread::LogVar | Spread::LogSigma => None,
    };
    if let Some(positive) = positive {
        let least = UnaryFunction::Clip {
            min: Some(SMALLEST),
            max: None,
        };
        for function in [positive, least, UnaryFunction::Log] {
            x = draft.push(GraphOperation::Unary(function), &[x])?;
        }
    }
    if kind != Spread::LogVar {
        let two = draft.constant(2.0)?;
        x = draft.push(GraphOperation::Binary(BinaryFunction::Mul), &[x, two])?;
    }
    let [min, max] = LOG_VAR.map(Some);
    Ok(draft.push(
        GraphOperation::Unary(UnaryFunction::Clip { min, max }),
        &[x],
    )?)
}

/// Axes without that of the samples, or with it where samples are computed one at a time.
fn axes(draft: &Draft, axes: &[usize]) -> Vec<usize> {
    match draft.per_sample {
        true => [&[1], axes].concat(),
        false => axes.to_vec(),
    }
}

/// A row of `[height, width, channels]` as `[channels, height, width]`.
fn to_image(draft: &mut Draft, x: Reference, image: ImageShape) -> Result<Reference, OnnxError> {
    architecture::to_map(draft, x, [image.height, image.width, image.channels])
}

/// The input, `[channels, height, width]`, as a row of `[height, width, channels]`.
fn of_image(draft: &mut Draft, image: ImageShape) -> Result<Reference, OnnxError> {
    let map = axes(draft, &[image.channels, image.height, image.width]);
    let x = draft.push(GraphOperation::Reshape(map), &[Reference::Input])?;
    architecture::to_row(draft, x, [image.height, image.width, image.channels])
}
