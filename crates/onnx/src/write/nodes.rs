//! A graph as a message of ONNX.

use crate::{
    OnnxError,
    lower::{Draft, Reference, Weight},
    message::{
        Attribute, Dimension, Graph as GraphMessage, Model, Node, OperatorSet, Shape, Tensor,
        TensorType, Type, ValueInfo, element,
    },
};
use prost::Message as _;
use spec::{
    BinaryFunction, Graph, GraphOperation, GraphWindow, Reduction, UnaryFunction, ValueShape,
};

/// Operators of this version are written.
const VERSION: i64 = 17;
/// The version of the format that belongs to it.
const IR_VERSION: i64 = 8;

/// The names in a file.
pub(super) struct Names<'a> {
    pub(super) model: &'a str,
    pub(super) input: &'a str,
    /// The axes of the input, without that of the samples.
    pub(super) input_axes: &'a [usize],
    pub(super) outputs: &'a [&'a str],
}

/// The graph with these outputs as a file.
///
/// # Errors
/// [`OnnxError`] beyond the limits.
pub(super) fn file(
    draft: Draft,
    outputs: &[Reference],
    names: Names<'_>,
) -> Result<Vec<u8>, OnnxError> {
    let (graph, weights) = draft.finish(outputs)?;
    let shapes = graph.shapes()?;
    let mut writer = Writer {
        values: names_of_values(&graph, &weights, &names),
        shapes: &shapes,
        message: GraphMessage {
            name: names.model.to_owned(),
            ..GraphMessage::default()
        },
        input: names.input.to_owned(),
    };
    for (at, weight) in weights.iter().enumerate() {
        let name = writer.values[graph.first_weight() + at].clone();
        writer.floats(name, &weight.axes, &weight.values);
    }
    let per_sample = graph.per_sample;
    writer.message.input = vec![value_info(names.input, names.input_axes, per_sample)];
    if graph.classes > 0 {
        let label = value_info("label", &[graph.classes], per_sample);
        writer.message.input.push(label);
    }
    for (at, node) in graph.nodes.iter().enumerate() {
        writer.node(graph.first_node() + at, &node.operation, &node.inputs)?;
    }
    for (name, &output) in names.outputs.iter().zip(&graph.outputs) {
        let from = writer.values[output].clone();
        writer.add("Identity", vec![from], name, vec![]);
        let skip = usize::from(per_sample);
        let info = value_info(name, &shapes[output].axes[skip..], per_sample);
        writer.message.output.push(info);
    }
    let model = Model {
        ir_version: IR_VERSION,
        producer_name: "ELBO Room".to_owned(),
        graph: Some(writer.message),
        opset_import: vec![OperatorSet {
            domain: String::new(),
            version: VERSION,
        }],
        ..Model::default()
    };
    Ok(model.encode_to_vec())
}

/// Weights by their names in the model, if each is used once; nodes by numbers.
fn names_of_values(graph: &Graph, weights: &[Weight], names: &Names<'_>) -> Vec<String> {
    let mut values = vec![names.input.to_owned()];
    if graph.classes > 0 {
        values.push("label".to_owned());
    }
    for (at, weight) in weights.iter().enumerate() {
        let is_new = !weight.name.is_empty() && !values.contains(&weight.name);
        values.push(match is_new {
            true => weight.name.clone(),
            false => format!("constant.{at}"),
        });
    }
    values.extend((0..graph.nodes.len()).map(|at| format!("value.{at}")));
    values
}

fn value_info(name: &str, axes: &[usize], per_sample: bool) -> ValueInfo {
    let fixed = |size: usize| Dimension {
        dim_value: Some(size as i64),
        dim_param: None,
    };
    let samples = match per_sample {
        true => fixed(1),
        false => Dimension {
            dim_value: None,
            dim_param: Some("n".to_owned()),
        },
    };
    let sizes = axes.iter().map(|&size| fixed(size));
    ValueInfo {
        name: name.to_owned(),
        r#type: Some(Type {
            tensor_type: Some(TensorType {
                elem_type: element::FLOAT,
                shape: Some(Shape {
                    dim: std::iter::once(samples).chain(sizes).collect(),
                }),
            }),
        }),
    }
}

/// The numbers of attributes' types.
mod kind {
    pub(super) const FLOAT: i32 = 1;
    pub(super) const INT: i32 = 2;
    pub(super) const INTS: i32 = 7;
}

fn int(name: &str, value: usize) -> Attribute {
    Attribute {
        name: name.to_owned(),
        i: value as i64,
        kind: kind::INT,
        ..Attribute::default()
    }
}

fn float(name: &str, value: f32) -> Attribute {
    Attribute {
        name: name.to_owned(),
        f: value,
        kind: kind::FLOAT,
        ..Attribute::default()
    }
}

fn ints(name: &str, values: &[usize]) -> Attribute {
    Attribute {
        name: name.to_owned(),
        ints: values.iter().map(|&value| value as i64).collect(),
        kind: kind::INTS,
        ..Attribute::default()
    }
}

struct Writer<'a> {
    /// The name of each value.
    values: Vec<String>,
    shapes: &'a [ValueShape],
    message: GraphMessage,
    input: String,
}

impl Writer<'_> {
    fn floats(&mut self, name: String, axes: &[usize], values: &[f32]) {
        self.message.initializer.push(Tensor {
            name,
            dims: axes.iter().map(|&axis| axis as i64).collect(),
            data_type: element::FLOAT,
            raw_data: values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
            ..Tensor::default()
        });
    }

    /// A constant of whole numbers; its name.
    fn whole(&mut self, name: String, values: &[i64]) -> String {
        self.message.initializer.push(Tensor {
            name: name.clone(),
            dims: vec![values.len() as i64],
            data_type: element::INT64,
            raw_data: values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
            ..Tensor::default()
        });
        name
    }

    /// A constant; its name.
    fn constant(&mut self, name: String, value: f32) -> String {
        self.floats(name.clone(), &[], &[value]);
        name
    }

    fn add(&mut self, operator: &str, inputs: Vec<String>, output: &str, settings: Vec<Attribute>) {
        self.message.node.push(Node {
            name: format!("{operator}.{}", self.message.node.len()),
            op_type: operator.to_owned(),
            input: inputs,
            output: vec![output.to_owned()],
            attribute: settings,
            ..Node::default()
        });
    }

    fn node(
        &mut self,
        id: usize,
        operation: &GraphOperation,
        inputs: &[usize],
    ) -> Result<(), OnnxError> {
        let names: Vec<String> = inputs
            .iter()
            .map(|&input| self.values[input].clone())
            .collect();
        let output = self.values[id].clone();
        let shape = inputs.first().map(|&input| self.shapes[input].clone());
        let from = shape.unwrap_or_else(|| ValueShape::fixed(Vec::new()));
        let batch = self.shapes[id].is_batched;
        let side = |name: &str| format!("{output}.{name}");
        match operation {
            GraphOperation::Unary(function) => self.unary(*function, names, &output),
            GraphOperation::Binary(function) => {
                let (operator, is_comparison) = match function {
                    BinaryFunction::Add => ("Add", false),
                    BinaryFunction::Sub => ("Sub", false),
                    BinaryFunction::Mul => ("Mul", false),
                    BinaryFunction::Div => ("Div", false),
                    BinaryFunction::Pow => ("Pow", false),
                    BinaryFunction::Min => ("Min", false),
                    BinaryFunction::Max => ("Max", false),
                    BinaryFunction::Greater => ("Greater", true),
                    BinaryFunction::Less => ("Less", true),
                    BinaryFunction::Equal => ("Equal", true),
                };
                match is_comparison {
                    false => self.add(operator, names, &output, vec![]),
                    true => {
                        let truth = side("truth");
                        self.add(operator, names, &truth, vec![]);
                        self.cast(truth, &output, element::FLOAT);
                    }
                }
            }
            GraphOperation::Where => {
                let truth = side("truth");
                self.cast(names[0].clone(), &truth, element::BOOL);
                let inputs = vec![truth, names[1].clone(), names[2].clone()];
                self.add("Where", inputs, &output, vec![]);
            }
            GraphOperation::MatMul => self.add("MatMul", names, &output, vec![]),
            GraphOperation::Convolution { window, groups } => {
                let mut settings = settings(window, &from, true);
                settings.push(int("group", *groups));
                self.add("Conv", names, &output, settings);
            }
            GraphOperation::TransposedConvolution { window, groups } => {
                let settings = transposed(window, &from, *groups);
                self.add("ConvTranspose", names, &output, settings);
            }
            GraphOperation::MaxPool(window) => {
                self.add("MaxPool", names, &output, settings(window, &from, true));
            }
            GraphOperation::SumPool(window) => {
                if window.dilation != [1; 2] {
                    return Err(OnnxError::Parts(
                        "a pool with dilation can't be written".into(),
                    ));
                }
                let mean = side("mean");
                let mut settings = settings(window, &from, false);
                settings.push(int("count_include_pad", 1));
                self.add("AveragePool", names, &mean, settings);
                let taps = (window.kernel[0] * window.kernel[1]) as f32;
                let taps = self.constant(side("taps"), taps);
                self.add("Mul", vec![mean, taps], &output, vec![]);
            }
            GraphOperation::Reshape(axes) => {
                let mut sizes: Vec<i64> = axes.iter().map(|&axis| axis as i64).collect();
                if batch {
                    sizes.insert(0, -1);
                }
                let sizes = self.whole(side("shape"), &sizes);
                self.add("Reshape", vec![names[0].clone(), sizes], &output, vec![]);
            }
            GraphOperation::Transpose(order) => {
                self.add("Transpose", names, &output, vec![ints("perm", order)]);
            }
            GraphOperation::Concatenate { axis } => {
                self.add("Concat", names, &output, vec![int("axis", *axis)]);
            }
            GraphOperation::Slice { axis, start, end } => {
                let mut inputs = names;
                for (name, value) in [("start", start), ("end", end), ("axis", axis)] {
                    inputs.push(self.whole(side(name), &[*value as i64]));
                }
                self.add("Slice", inputs, &output, vec![]);
            }
            GraphOperation::Select { axis, indices } => {
                let indices: Vec<i64> = indices.iter().map(|&index| index.into()).collect();
                let indices = self.whole(side("indices"), &indices);
                let inputs = vec![names[0].clone(), indices];
                self.add("Gather", inputs, &output, vec![int("axis", *axis)]);
            }
            GraphOperation::Pad {
                axis,
                before,
                after,
                value,
            } => {
                let rank = from.rank();
                let mut pads = vec![0; 2 * rank];
                (pads[*axis], pads[rank + axis]) = (*before as i64, *after as i64);
                let pads = self.whole(side("pads"), &pads);
                let value = self.constant(side("value"), *value);
                self.add("Pad", vec![names[0].clone(), pads, value], &output, vec![]);
            }
            GraphOperation::Expand(axes) => {
                let mut sizes: Vec<i64> = axes.iter().map(|&axis| axis as i64).collect();
                if batch {
                    sizes.insert(0, 1);
                }
                let sizes = self.whole(side("shape"), &sizes);
                self.add("Expand", vec![names[0].clone(), sizes], &output, vec![]);
            }
            GraphOperation::ToBatch => self.repeat_for_samples(names, &output, from.rank()),
            GraphOperation::Reduce { reduction, axis } => match reduction {
                Reduction::Sum => {
                    let axes = self.whole(side("axes"), &[*axis as i64]);
                    let settings = vec![int("keepdims", 1)];
                    self.add("ReduceSum", vec![names[0].clone(), axes], &output, settings);
                }
                Reduction::Mean | Reduction::Max | Reduction::Min => {
                    let operator = match reduction {
                        Reduction::Max => "ReduceMax",
                        Reduction::Min => "ReduceMin",
                        _ => "ReduceMean",
                    };
                    let settings = vec![ints("axes", &[*axis]), int("keepdims", 1)];
                    self.add(operator, names, &output, settings);
                }
            },
        }
        Ok(())
    }

    fn cast(&mut self, input: String, output: &str, to: i32) {
        self.add("Cast", vec![input], output, vec![int("to", to as usize)]);
    }

    /// Repeats a value for each sample of the input.
    fn repeat_for_samples(&mut self, names: Vec<String>, output: &str, rank: usize) {
        let side = |name: &str| format!("{output}.{name}");
        let (shape, samples, sizes) = (side("input"), side("samples"), side("shape"));
        self.add("Shape", vec![self.input.clone()], &shape, vec![]);
        let start = self.whole(side("start"), &[0]);
        let end = self.whole(side("end"), &[1]);
        self.add("Slice", vec![shape, start, end], &samples, vec![]);
        let rest = self.whole(side("rest"), &vec![1; rank - 1]);
        let settings = vec![int("axis", 0)];
        self.add("Concat", vec![samples, rest], &sizes, settings);
        self.add("Expand", vec![names[0].clone(), sizes], output, vec![]);
    }

    fn unary(&mut self, function: UnaryFunction, mut names: Vec<String>, output: &str) {
        let side = |name: &str| format!("{output}.{name}");
        let operator = match function {
            UnaryFunction::Neg => "Neg",
            UnaryFunction::Abs => "Abs",
            UnaryFunction::Exp => "Exp",
            UnaryFunction::Log => "Log",
            UnaryFunction::Sqrt => "Sqrt",
            UnaryFunction::Reciprocal => "Reciprocal",
            UnaryFunction::Floor => "Floor",
            UnaryFunction::Ceil => "Ceil",
            UnaryFunction::Round => "Round",
            UnaryFunction::Erf => "Erf",
            UnaryFunction::Sin => "Sin",
            UnaryFunction::Cos => "Cos",
            UnaryFunction::Tanh => "Tanh",
            UnaryFunction::Sigmoid => "Sigmoid",
            UnaryFunction::Relu => "Relu",
            UnaryFunction::Softplus => "Softplus",
            UnaryFunction::Sign => "Sign",
            UnaryFunction::Not => {
                let (zero, truth) = (self.constant(side("zero"), 0.0), side("truth"));
                self.add("Equal", vec![names.remove(0), zero], &truth, vec![]);
                return self.cast(truth, output, element::FLOAT);
            }
            UnaryFunction::LeakyRelu { slope } => {
                return self.add("LeakyRelu", names, output, vec![float("alpha", slope)]);
            }
            UnaryFunction::Elu { alpha } => {
                return self.add("Elu", names, output, vec![float("alpha", alpha)]);
            }
            UnaryFunction::Clip { min, max } => {
                for (name, limit) in [("min", min), ("max", max)] {
                    names.push(
                        limit.map_or_else(String::new, |limit| self.constant(side(name), limit)),
                    );
                }
                "Clip"
            }
            UnaryFunction::Power { exponent } => {
                names.push(self.constant(side("exponent"), exponent));
                "Pow"
            }
        };
        self.add(operator, names, output, vec![]);
    }
}

/// The settings of a window, with the padding at the end that gives its number of positions.
fn settings(window: &GraphWindow, from: &ValueShape, with_dilation: bool) -> Vec<Attribute> {
    let full = from.full();
    let end: Vec<usize> = (0..2)
        .map(|axis| {
            let extent = window.dilation[axis] * (window.kernel[axis] - 1) + 1;
            let reach = (window.output[axis] - 1) * window.stride[axis] + extent;
            reach.saturating_sub(full[2 + axis] + window.padding[axis])
        })
        .collect();
    let mut settings = vec![
        ints("kernel_shape", &window.kernel),
        ints("strides", &window.stride),
        ints(
            "pads",
            &[window.padding[0], window.padding[1], end[0], end[1]],
        ),
    ];
    if with_dilation {
        settings.push(ints("dilations", &window.dilation));
    }
    settings
}

fn transposed(window: &GraphWindow, from: &ValueShape, groups: usize) -> Vec<Attribute> {
    let full = from.full();
    let (mut end, mut extra) = ([0; 2], [0; 2]);
    for axis in 0..2 {
        let extent = window.dilation[axis] * (window.kernel[axis] - 1) + 1;
        let reach = window.stride[axis] * (full[2 + axis] - 1) + extent;
        let wanted = window.output[axis] + window.padding[axis];
        end[axis] = reach.saturating_sub(wanted);
        extra[axis] = wanted.saturating_sub(reach);
    }
    vec![
        ints("kernel_shape", &window.kernel),
        ints("strides", &window.stride),
        ints("dilations", &window.dilation),
        ints(
            "pads",
            &[window.padding[0], window.padding[1], end[0], end[1]],
        ),
        ints("output_padding", &extra),
        int("group", groups),
    ]
}
