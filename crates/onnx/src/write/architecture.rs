//! Each architecture as a graph: from z to the raw output, and from a row of `[height, width, channels]` to both heads.

use super::{axes, graphs};
use crate::{
    OnnxError,
    compose::append,
    lower::{Draft, Reference, Weight},
};
use spec::{
    BinaryFunction, ConvolutionConfig, FeatureMap, Graph, GraphOperation, GraphWindow,
    NetworkActivation, Operation, Reduction, UnaryFunction, VaeConfig, Window,
};
use std::collections::HashMap;

/// The parameters by their names.
pub(super) struct Layers(HashMap<String, Weight>);

impl Layers {
    pub(super) fn new(parameters: HashMap<String, Weight>) -> Self {
        Self(parameters)
    }

    fn get(&self, name: &str) -> Result<&Weight, OnnxError> {
        let missing = || OnnxError::Parts(format!("the tensor \"{name}\" is missing"));
        self.0.get(name).ok_or_else(missing)
    }

    /// The weights of a graph of the card.
    fn of_graph(&self, part: &str, graph: &Graph) -> Result<Vec<Weight>, OnnxError> {
        (0..graph.weights.len())
            .map(|at| self.get(&format!("{part}.weights.{at}")).cloned())
            .collect()
    }
}

/// From z to the raw output, a row.
pub(super) fn decoder(
    draft: &mut Draft,
    config: &VaeConfig,
    layers: &Layers,
) -> Result<Reference, OnnxError> {
    if let Some(graphs) = graphs(config) {
        let weights = layers.of_graph("decoder", &graphs.decoder)?;
        return Ok(append(draft, &graphs.decoder, &weights, Reference::Input)?[0]);
    }
    if let Some(network) = &config.network {
        let count = network.weight_shapes(config.latent_size, config.classes)[1].len();
        let mut names: Vec<String> = (1..count)
            .map(|at| format!("decoder.layers.{}", at - 1))
            .collect();
        names.push("decoder.output".to_owned());
        let z = FeatureMap {
            height: 1,
            width: 1,
            channels: config.latent_size,
        };
        return operations(draft, &network.decoder, z, &names, layers, Reference::Input);
    }
    let activation = config.activation.into();
    let mut x = with_label(draft, config, Reference::Input)?;
    for at in 0..config.decoder_widths().len() {
        x = linear(draft, layers, &format!("decoder.layers.{at}"), x)?;
        x = activate(draft, activation, x)?;
    }
    let Some(convolution) = &config.convolution else {
        return linear(draft, layers, "decoder.output", x);
    };
    // The activation after the last linear layer is also the one before the first convolution.
    let sides: Vec<_> = convolution.sides().into_iter().rev().collect();
    let inner = sides[0].inner;
    x = to_map(draft, x, [inner.height, inner.width, inner.channels])?;
    for (at, sides) in sides.iter().enumerate() {
        if at > 0 {
            x = activate(draft, activation, x)?;
        }
        let name = match at + 1 == convolution.channels.len() {
            true => "decoder.output".to_owned(),
            false => format!("decoder.convolutions.{at}"),
        };
        x = repeated(draft, x, [sides.inner.height, sides.inner.width], 2)?;
        let doubled = [2 * sides.inner.height, 2 * sides.inner.width];
        let window = own_window(1, doubled);
        x = convolve(
            draft,
            layers,
            &name,
            x,
            GraphOperation::Convolution { window, groups: 1 },
        )?;
        let outer = [sides.outer.height, sides.outer.width];
        for (axis, (from, to)) in doubled.into_iter().zip(outer).enumerate() {
            if from != to {
                let axis = axis + 2;
                let crop = GraphOperation::Slice {
                    axis,
                    start: 0,
                    end: to,
                };
                x = draft.push(crop, &[x])?;
            }
        }
    }
    let outer = sides[sides.len() - 1].outer;
    to_row(draft, x, [outer.height, outer.width, outer.channels])
}

/// From an image, a row, to μ and the second head.
pub(super) fn encoder(
    draft: &mut Draft,
    config: &VaeConfig,
    layers: &Layers,
    x: Reference,
) -> Result<[Reference; 2], OnnxError> {
    let mut x = x;
    if let Some(graphs) = graphs(config) {
        let missing = || OnnxError::Parts("the model has no encoder".into());
        let graph = graphs.encoder.as_ref().ok_or_else(missing)?;
        let weights = layers.of_graph("encoder", graph)?;
        let outputs = append(draft, graph, &weights, x)?;
        return Ok([outputs[0], outputs[1]]);
    }
    if let Some(network) = &config.network {
        let count = network.weight_shapes(config.latent_size, config.classes)[0].len();
        let names: Vec<String> = (0..count)
            .map(|at| format!("encoder.layers.{at}"))
            .collect();
        let list = network.encoder.as_deref().unwrap_or_default();
        x = operations(draft, list, network.image_map(), &names, layers, x)?;
    } else {
        let activation = config.activation.into();
        if let Some(convolution) = &config.convolution {
            let outer = convolution.feature_maps()[0];
            x = to_map(draft, x, [outer.height, outer.width, outer.channels])?;
            for (at, sides) in convolution.sides().into_iter().enumerate() {
                let window = own_window(2, [sides.inner.height, sides.inner.width]);
                let name = format!("encoder.convolutions.{at}");
                let operation = GraphOperation::Convolution { window, groups: 1 };
                x = convolve(draft, layers, &name, x, operation)?;
                x = activate(draft, activation, x)?;
            }
            let maps = convolution.feature_maps();
            let inner = maps[maps.len() - 1];
            x = to_row(draft, x, [inner.height, inner.width, inner.channels])?;
        }
        x = with_label(draft, config, x)?;
        for at in 0..config.encoder_hidden.len() {
            x = linear(draft, layers, &format!("encoder.layers.{at}"), x)?;
            x = activate(draft, activation, x)?;
        }
    }
    let mu = linear(draft, layers, "encoder.mu", x)?;
    Ok([mu, linear(draft, layers, "encoder.log_var", x)?])
}

/// The 3×3 convolutions of models that are trained here, with a border of one zero.
fn own_window(stride: usize, output: [usize; 2]) -> GraphWindow {
    GraphWindow {
        kernel: [ConvolutionConfig::KERNEL; 2],
        stride: [stride; 2],
        dilation: [1; 2],
        padding: [1; 2],
        output,
    }
}

fn window(window: &Window, output: FeatureMap) -> GraphWindow {
    GraphWindow {
        kernel: window.kernel,
        stride: window.stride,
        dilation: [1; 2],
        padding: window.padding,
        output: [output.height, output.width],
    }
}

/// The operations of an imported model, from a row to a row.
fn operations(
    draft: &mut Draft,
    list: &[Operation],
    input: FeatureMap,
    names: &[String],
    layers: &Layers,
    x: Reference,
) -> Result<Reference, OnnxError> {
    let mut names = names.iter();
    let mut next = || names.next().map_or("", String::as_str);
    let (mut map, mut x) = (input, x);
    // Whether x is `[channels, height, width]`, or a row of `[height, width, channels]`.
    let mut is_map = false;
    for operation in list {
        let output = operation
            .output(map, draft.classes)
            .map_err(|error| OnnxError::Parts(error.to_string()))?;
        let sizes = [map.height, map.width, map.channels];
        let needs_map = !matches!(
            operation,
            Operation::Label
                | Operation::Linear { .. }
                | Operation::Activation(_)
                | Operation::Reshape { .. }
        );
        let needs_row = matches!(
            operation,
            Operation::Label | Operation::Linear { .. } | Operation::Reshape { .. }
        );
        if needs_map && !is_map {
            (x, is_map) = (to_map(draft, x, sizes)?, true);
        } else if needs_row && is_map {
            (x, is_map) = (to_row(draft, x, sizes)?, false);
        }
        x = match operation {
            Operation::Label => {
                let label = GraphOperation::Concatenate { axis: 1 };
                draft.push(label, &[x, Reference::Classes])?
            }
            Operation::Linear { .. } => linear(draft, layers, next(), x)?,
            Operation::Convolution { window: of, .. } => {
                let window = window(of, output);
                let operation = GraphOperation::Convolution { window, groups: 1 };
                convolve(draft, layers, next(), x, operation)?
            }
            Operation::TransposedConvolution { window: of, .. } => {
                let window = window(of, output);
                let operation = GraphOperation::TransposedConvolution { window, groups: 1 };
                convolve(draft, layers, next(), x, operation)?
            }
            Operation::LabelPlanes => {
                let classes = draft.classes;
                let planes = axes(draft, &[classes, 1, 1]);
                let planes = draft.push(GraphOperation::Reshape(planes), &[Reference::Classes])?;
                let all = axes(draft, &[classes, map.height, map.width]);
                let planes = draft.push(GraphOperation::Expand(all), &[planes])?;
                draft.push(GraphOperation::Concatenate { axis: 1 }, &[x, planes])?
            }
            Operation::LabelMap { channels } => {
                let row = linear(draft, layers, next(), Reference::Classes)?;
                let planes = to_map(draft, row, [map.height, map.width, *channels])?;
                draft.push(GraphOperation::Concatenate { axis: 1 }, &[x, planes])?
            }
            Operation::Affine => affine(draft, layers, next(), x)?,
            Operation::GroupNorm { groups } => {
                let normalized = group_norm(draft, x, map, *groups)?;
                affine(draft, layers, next(), normalized)?
            }
            Operation::Activation(kind) => activate(draft, *kind, x)?,
            Operation::MaxPool(of) => {
                draft.push(GraphOperation::MaxPool(window(of, output)), &[x])?
            }
            Operation::AveragePool(of) => {
                let sum = draft.push(GraphOperation::SumPool(window(of, output)), &[x])?;
                let taps = (of.kernel[0] * of.kernel[1]) as f32;
                with(draft, BinaryFunction::Div, sum, taps)?
            }
            Operation::Upsample { factor } => repeated(draft, x, [map.height, map.width], *factor)?,
            Operation::Reshape { .. } => x,
        };
        map = output;
    }
    match is_map {
        true => to_row(draft, x, [map.height, map.width, map.channels]),
        false => Ok(x),
    }
}

/// A row of `[height, width, channels]` as `[channels, height, width]`.
pub(super) fn to_map(
    draft: &mut Draft,
    x: Reference,
    [height, width, channels]: [usize; 3],
) -> Result<Reference, OnnxError> {
    if channels == 1 {
        let map = axes(draft, &[1, height, width]);
        return Ok(draft.push(GraphOperation::Reshape(map), &[x])?);
    }
    let rows = axes(draft, &[height, width, channels]);
    let x = draft.push(GraphOperation::Reshape(rows), &[x])?;
    Ok(draft.push(GraphOperation::Transpose(vec![0, 3, 1, 2]), &[x])?)
}

/// The opposite of [`to_map`].
pub(super) fn to_row(
    draft: &mut Draft,
    x: Reference,
    [height, width, channels]: [usize; 3],
) -> Result<Reference, OnnxError> {
    let x = match channels {
        1 => x,
        _ => draft.push(GraphOperation::Transpose(vec![0, 2, 3, 1]), &[x])?,
    };
    let row = axes(draft, &[height * width * channels]);
    Ok(draft.push(GraphOperation::Reshape(row), &[x])?)
}

fn with_label(draft: &mut Draft, config: &VaeConfig, x: Reference) -> Result<Reference, OnnxError> {
    match config.classes {
        0 => Ok(x),
        _ => Ok(draft.push(
            GraphOperation::Concatenate { axis: 1 },
            &[x, Reference::Classes],
        )?),
    }
}

/// x·Wᵀ + b.
fn linear(
    draft: &mut Draft,
    layers: &Layers,
    name: &str,
    x: Reference,
) -> Result<Reference, OnnxError> {
    let weight = layers.get(&format!("{name}.weight"))?;
    let [outputs, inputs] = weight.axes[..] else {
        return Err(OnnxError::Parts(format!(
            "\"{name}\" is not a linear layer"
        )));
    };
    let transposed = (0..inputs)
        .flat_map(|input| (0..outputs).map(move |output| output * inputs + input))
        .map(|at| weight.values[at]);
    let transposed = transposed.collect();
    let weight = draft.weight(&weight.name, vec![inputs, outputs], transposed)?;
    let product = draft.push(GraphOperation::MatMul, &[x, weight])?;
    let bias = layers.get(&format!("{name}.bias"))?;
    let bias = draft.weight(&bias.name, bias.axes.clone(), bias.values.clone())?;
    Ok(draft.push(
        GraphOperation::Binary(BinaryFunction::Add),
        &[product, bias],
    )?)
}

fn convolve(
    draft: &mut Draft,
    layers: &Layers,
    name: &str,
    x: Reference,
    operation: GraphOperation,
) -> Result<Reference, OnnxError> {
    let weight = layers.get(&format!("{name}.weight"))?;
    let (mut weight_axes, mut values) = (weight.axes.clone(), weight.values.clone());
    if let (GraphOperation::TransposedConvolution { .. }, &[outputs, inputs, height, width]) =
        (&operation, &weight.axes[..])
    {
        // `[in, out, …]`, as PyTorch's ConvTranspose2d.
        let taps = height * width;
        values = (0..inputs)
            .flat_map(|input| (0..outputs).map(move |output| (output * inputs + input) * taps))
            .flat_map(|start| weight.values[start..start + taps].to_vec())
            .collect();
        weight_axes = vec![inputs, outputs, height, width];
    }
    let weight = draft.weight(&weight.name, weight_axes, values)?;
    let y = draft.push(operation, &[x, weight])?;
    let bias = layers.get(&format!("{name}.bias"))?;
    channels(draft, BinaryFunction::Add, y, bias)
}

fn affine(
    draft: &mut Draft,
    layers: &Layers,
    name: &str,
    x: Reference,
) -> Result<Reference, OnnxError> {
    let factor = layers.get(&format!("{name}.weight"))?;
    let scaled = channels(draft, BinaryFunction::Mul, x, factor)?;
    let shift = layers.get(&format!("{name}.bias"))?;
    channels(draft, BinaryFunction::Add, scaled, shift)
}

/// (x − mean) / √(variance + ε) over each group of channels, of `[channels, height, width]`.
fn group_norm(
    draft: &mut Draft,
    x: Reference,
    map: FeatureMap,
    groups: usize,
) -> Result<Reference, OnnxError> {
    let binary = |function| GraphOperation::Binary(function);
    let mean = || GraphOperation::Reduce {
        reduction: Reduction::Mean,
        axis: 2,
    };
    let grouped = axes(draft, &[groups, map.values() / groups]);
    let x = draft.push(GraphOperation::Reshape(grouped), &[x])?;
    let average = draft.push(mean(), &[x])?;
    let centered = draft.push(binary(BinaryFunction::Sub), &[x, average])?;
    let square = draft.push(binary(BinaryFunction::Mul), &[centered, centered])?;
    let variance = draft.push(mean(), &[square])?;
    let variance = with(
        draft,
        BinaryFunction::Add,
        variance,
        Operation::NORM_EPSILON,
    )?;
    let deviation = draft.push(GraphOperation::Unary(UnaryFunction::Sqrt), &[variance])?;
    let normalized = draft.push(binary(BinaryFunction::Div), &[centered, deviation])?;
    let whole = axes(draft, &[map.channels, map.height, map.width]);
    Ok(draft.push(GraphOperation::Reshape(whole), &[normalized])?)
}

/// Arithmetic with a value for each channel.
fn channels(
    draft: &mut Draft,
    function: BinaryFunction,
    x: Reference,
    weight: &Weight,
) -> Result<Reference, OnnxError> {
    let count = weight.values.len();
    let values = draft.weight(&weight.name, vec![1, count, 1, 1], weight.values.clone())?;
    Ok(draft.push(GraphOperation::Binary(function), &[x, values])?)
}

/// Each row and column repeated.
fn repeated(
    draft: &mut Draft,
    x: Reference,
    sides: [usize; 2],
    factor: usize,
) -> Result<Reference, OnnxError> {
    let mut x = x;
    for (axis, side) in sides.into_iter().enumerate() {
        let indices = (0..side * factor).map(|at| (at / factor) as u32).collect();
        let axis = axis + 2;
        x = draft.push(GraphOperation::Select { axis, indices }, &[x])?;
    }
    Ok(x)
}

fn with(
    draft: &mut Draft,
    function: BinaryFunction,
    x: Reference,
    constant: f32,
) -> Result<Reference, OnnxError> {
    let constant = draft.constant(constant)?;
    Ok(draft.push(GraphOperation::Binary(function), &[x, constant])?)
}

fn activate(
    draft: &mut Draft,
    activation: NetworkActivation,
    x: Reference,
) -> Result<Reference, OnnxError> {
    use BinaryFunction::{Add, Mul};
    let unary = |draft: &mut Draft, function, x| {
        draft
            .push(GraphOperation::Unary(function), &[x])
            .map_err(OnnxError::from)
    };
    let binary = |draft: &mut Draft, function, a, b| {
        draft
            .push(GraphOperation::Binary(function), &[a, b])
            .map_err(OnnxError::from)
    };
    let function = match activation {
        NetworkActivation::Relu => UnaryFunction::Relu,
        NetworkActivation::LeakyRelu { slope } => UnaryFunction::LeakyRelu { slope },
        NetworkActivation::Elu => UnaryFunction::Elu { alpha: 1.0 },
        NetworkActivation::Tanh => UnaryFunction::Tanh,
        NetworkActivation::Sigmoid => UnaryFunction::Sigmoid,
        NetworkActivation::Softplus => UnaryFunction::Softplus,
        NetworkActivation::Silu => {
            let gate = unary(draft, UnaryFunction::Sigmoid, x)?;
            return binary(draft, Mul, x, gate);
        }
        NetworkActivation::Gelu | NetworkActivation::GeluTanh => {
            let gate = if activation == NetworkActivation::Gelu {
                let scaled = with(draft, Mul, x, std::f32::consts::FRAC_1_SQRT_2)?;
                unary(draft, UnaryFunction::Erf, scaled)?
            } else {
                let cube = unary(draft, UnaryFunction::Power { exponent: 3.0 }, x)?;
                let cube = with(draft, Mul, cube, 0.044_715)?;
                let sum = binary(draft, Add, x, cube)?;
                let scaled = with(draft, Mul, sum, (2.0 / std::f32::consts::PI).sqrt())?;
                unary(draft, UnaryFunction::Tanh, scaled)?
            };
            let gate = with(draft, Add, gate, 1.0)?;
            let product = binary(draft, Mul, x, gate)?;
            return with(draft, Mul, product, 0.5);
        }
    };
    unary(draft, function, x)
}
