//! An ONNX file as a safetensors file, whose metadata has the graphs: what is read once, in a worker without burn, and
//! then imported like weights.

use crate::{
    OnnxError,
    lower::{Lowered, Part, Weight, lower},
    parts::{Heads, find},
    read::{self, Source},
};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use spec::{Graph, GraphOperation, Spread, UnaryFunction};
use std::collections::HashMap;

/// The key of the metadata.
const KEY: &str = "onnx-graphs";

/// The parts of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contents {
    pub(crate) decoder: Network,
    pub(crate) encoder: Option<Network>,
    /// What the encoder's outputs are.
    pub(crate) heads: FileHeads,
    pub(crate) classes: usize,
    /// What was found, as sentences.
    pub(crate) notes: Vec<String>,
}

/// A graph with the shapes of its input and outputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Network {
    pub(crate) graph: Graph,
    /// The axes of the input, without that of the samples.
    pub(crate) input: Vec<usize>,
    /// The names of the outputs and their axes, without that of the samples.
    pub(crate) outputs: Vec<(String, Vec<usize>)>,
    /// The operators of the file, by name and number, for the description.
    pub(crate) operators: Vec<(String, usize)>,
}

/// What the encoder's outputs are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FileHeads {
    Two {
        order_known: bool,
        spread: Option<Spread>,
    },
    Joint,
}

/// Whether these may be the bytes of an ONNX model: its version comes first, and then its producer's name, its graph or
/// its operator sets.
pub fn is_onnx(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [
            0x08,
            1..=32,
            0x12 | 0x1a | 0x22 | 0x2a | 0x32 | 0x3a | 0x42,
            ..
        ]
    )
}

/// Reads an ONNX model and writes what [`OnnxModel::read`](crate::OnnxModel::read) reads.
///
/// # Errors
/// [`OnnxError`]; each says what can't be read and what to do.
pub fn convert(bytes: &[u8]) -> Result<Vec<u8>, OnnxError> {
    let source = read::read(bytes)?;
    let parts = find(&source)?;
    let decoder = parts.decoder.map_err(OnnxError::NoDecoder)?;
    let encoder = parts.encoder.as_ref();
    assemble(
        (&source, &decoder),
        encoder.map(|(part, heads)| (&source, part, heads)),
        parts.classes,
        parts.notes,
    )
}

/// The same for a decoder and an encoder that were exported as two files, in any order.
///
/// # Errors
/// [`OnnxError`], also if they are not a decoder and an encoder of the same z.
pub fn convert_pair(files: [&[u8]; 2]) -> Result<Vec<u8>, OnnxError> {
    let [one, other] = [read::read(files[0])?, read::read(files[1])?];
    let [found, also] = [find(&one)?, find(&other)?];
    // A whole model needs no second file, which may still be its encoder alone.
    let ((source, decoder), (of_encoder, encoder)) = match (&found.decoder, &also.decoder) {
        (Ok(_), Err(_)) => ((&one, found), (&other, also)),
        (Err(_), Ok(_)) => ((&other, also), (&one, found)),
        (Ok(_), Ok(_)) => {
            return Err(OnnxError::Pair("both files have a decoder".into()));
        }
        (Err(_), Err(_)) => return Err(OnnxError::Pair("neither file has a decoder".into())),
    };
    let part = decoder.decoder.map_err(OnnxError::NoDecoder)?;
    let Some((encoder_part, heads)) = &encoder.encoder else {
        return Err(OnnxError::Pair(
            "one file has a decoder, but the other has no encoder with μ and a second head".into(),
        ));
    };
    if encoder.classes != decoder.classes {
        return Err(OnnxError::Pair(format!(
            "the decoder takes {} classes and the encoder {}",
            decoder.classes, encoder.classes
        )));
    }
    let mut notes = decoder.notes;
    notes.extend(encoder.notes);
    notes.push("Decoder and encoder are from two files.".into());
    assemble(
        (source, &part),
        Some((of_encoder, encoder_part, heads)),
        decoder.classes,
        notes,
    )
}

/// The graphs of a decoder and an encoder, each with the file that it is from.
fn assemble(
    (source, decoder): (&Source, &Part),
    encoder: Option<(&Source, &Part, &Heads)>,
    classes: usize,
    mut notes: Vec<String>,
) -> Result<Vec<u8>, OnnxError> {
    let (decoder, decoder_weights) = network(source, decoder, &mut notes)?;
    let mut weights = named("decoder", decoder_weights);
    let (mut found, mut heads) = (None, FileHeads::Joint);
    if let Some((source, part, of_file)) = encoder {
        let (graph, encoder_weights) = network(source, part, &mut notes)?;
        weights.extend(named("encoder", encoder_weights));
        found = Some(graph);
        heads = match of_file {
            Heads::Two {
                order_known,
                spread,
            } => FileHeads::Two {
                order_known: *order_known,
                spread: *spread,
            },
            Heads::Joint => FileHeads::Joint,
        };
    }
    let latent: usize = decoder.input.iter().product();
    if let Some(encoder) = &found {
        let size: usize = encoder.outputs[0].1.iter().product();
        let fits = match heads {
            FileHeads::Joint => size == 2 * latent,
            FileHeads::Two { .. } => size == latent,
        };
        if !fits {
            notes.push(format!(
                "The encoder is not used: its outputs have {size} values, and z has {latent}."
            ));
            found = None;
            weights.retain(|(name, _)| name.starts_with("decoder"));
        }
    }
    if !source.producer.is_empty() {
        notes.push(format!("The file was written by {}.", source.producer));
    }
    let contents = Contents {
        decoder,
        encoder: found,
        heads,
        classes,
        notes,
    };
    write(&contents, &weights)
}

/// The graph of a part, with its weights.
fn network(
    source: &Source,
    part: &Part,
    notes: &mut Vec<String>,
) -> Result<(Network, Vec<Weight>), OnnxError> {
    let lowered = lower(&source.graph, source.version, part)?;
    if lowered.without_noise {
        notes.push("Random noise in the graph is replaced by its mean.".into());
    }
    let mut operators: HashMap<&str, usize> = HashMap::new();
    for node in &source.graph.node {
        *operators.entry(&node.op_type).or_default() += 1;
    }
    let mut operators: Vec<(String, usize)> = operators
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count))
        .collect();
    operators.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    finished(lowered, part, operators)
}

fn finished(
    lowered: Lowered,
    part: &Part,
    operators: Vec<(String, usize)>,
) -> Result<(Network, Vec<Weight>), OnnxError> {
    let skip = usize::from(lowered.draft.per_sample);
    let outputs = part.outputs.iter().zip(&lowered.outputs);
    let outputs = outputs
        .map(|(name, &output)| {
            let shape = lowered.draft.shape(output);
            let single = lowered.axes.get(name).filter(|_| skip == 1);
            (name.clone(), single.cloned().unwrap_or(shape.axes))
        })
        .collect();
    let input = part.inputs.iter().find_map(|(_, input)| match input {
        crate::lower::Input::Main(axes) | crate::lower::Input::Single(axes) => Some(axes.clone()),
        _ => None,
    });
    let (graph, weights) = lowered.draft.finish(&lowered.outputs)?;
    let network = Network {
        graph,
        input: input.unwrap_or_default(),
        outputs,
        operators,
    };
    Ok((network, weights))
}

fn named(part: &str, weights: Vec<Weight>) -> Vec<(String, Weight)> {
    let numbered = weights.into_iter().enumerate();
    numbered
        .map(|(at, weight)| (format!("{part}.weights.{at}"), weight))
        .collect()
}

fn write(contents: &Contents, weights: &[(String, Weight)]) -> Result<Vec<u8>, OnnxError> {
    let failed = |error: String| OnnxError::Converted(error);
    let json = serde_json::to_string(contents).map_err(|error| failed(error.to_string()))?;
    let stored: Vec<(String, Vec<usize>, Vec<u8>)> = weights
        .iter()
        .map(|(name, weight)| {
            let bytes = weight.values.iter().flat_map(|value| value.to_le_bytes());
            (name.clone(), weight.axes.clone(), bytes.collect())
        })
        .collect();
    let views = stored
        .iter()
        .map(|(name, axes, bytes)| {
            let view = TensorView::new(Dtype::F32, axes.clone(), bytes);
            Ok((
                name.clone(),
                view.map_err(|error| failed(error.to_string()))?,
            ))
        })
        .collect::<Result<Vec<_>, OnnxError>>()?;
    let metadata = HashMap::from([(KEY.to_owned(), json)]);
    safetensors::serialize(views, Some(metadata)).map_err(|error| failed(error.to_string()))
}

/// Contents with the weights of decoder and encoder.
type WithWeights = (Contents, [Vec<Weight>; 2]);

/// The contents of a file that [`convert`] wrote, with the weights of decoder and encoder; `None` for other safetensors.
pub(crate) fn contents(bytes: &[u8]) -> Option<Result<WithWeights, OnnxError>> {
    let (_, header) = SafeTensors::read_metadata(bytes).ok()?;
    let json = header.metadata().as_ref()?.get(KEY)?;
    Some(read_contents(json, bytes))
}

/// Checks that a graph can be computed and has its outputs.
fn check(graph: &Graph) -> Result<(), OnnxError> {
    let values = graph.shapes()?.len();
    match graph.outputs.iter().all(|&output| output < values) {
        true => Ok(()),
        false => Err(OnnxError::Converted("an output does not exist".into())),
    }
}

fn read_contents(json: &str, bytes: &[u8]) -> Result<WithWeights, OnnxError> {
    let failed = |error: String| OnnxError::Converted(error);
    let contents: Contents =
        serde_json::from_str(json).map_err(|error| failed(error.to_string()))?;
    let tensors = SafeTensors::deserialize(bytes).map_err(|error| failed(error.to_string()))?;
    let weights = |part: &str, graph: &Graph| -> Result<Vec<Weight>, OnnxError> {
        let axes = graph.weights.iter().enumerate();
        axes.map(|(at, axes)| {
            let name = format!("{part}.weights.{at}");
            let view = tensors
                .tensor(&name)
                .map_err(|error| failed(error.to_string()))?;
            if view.shape() != axes || view.dtype() != Dtype::F32 {
                return Err(failed(format!("{name} has another shape")));
            }
            let values = view.data().chunks_exact(4);
            let values = values.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
            Ok(Weight {
                name,
                axes: axes.clone(),
                values: values.collect(),
            })
        })
        .collect()
    };
    check(&contents.decoder.graph)?;
    let decoder = weights("decoder", &contents.decoder.graph)?;
    let encoder = match &contents.encoder {
        Some(encoder) => {
            check(&encoder.graph)?;
            weights("encoder", &encoder.graph)?
        }
        None => Vec::new(),
    };
    Ok((contents, [decoder, encoder]))
}

/// The function that a decoder's output ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Sigmoid,
    Tanh,
    /// Values from 0 to 1 by other means.
    ZeroToOne,
    Open,
}

/// Finds the function at the end of a graph, behind operations that only move elements.
pub(crate) fn end(graph: &Graph) -> (End, Option<usize>) {
    let mut value = graph.outputs[0];
    loop {
        let Some(at) = value.checked_sub(graph.first_node()) else {
            return (End::Open, None);
        };
        let Some(node) = graph.nodes.get(at) else {
            return (End::Open, None);
        };
        match &node.operation {
            GraphOperation::Reshape(_) | GraphOperation::Transpose(_) => value = node.inputs[0],
            GraphOperation::Unary(UnaryFunction::Sigmoid) => return (End::Sigmoid, Some(at)),
            GraphOperation::Unary(UnaryFunction::Tanh) => return (End::Tanh, Some(at)),
            GraphOperation::Unary(UnaryFunction::Clip {
                min: Some(0.0),
                max: Some(1.0),
            }) => return (End::ZeroToOne, Some(at)),
            _ => return (End::Open, None),
        }
    }
}
