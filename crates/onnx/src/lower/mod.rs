//! A file's graph as one of [`spec::Graph`]: operators become a few operations, and what depends on shapes and weights
//! alone is computed now.

mod arithmetic;
mod draft;
mod linear;
mod node;
mod normalization;
mod pool;
mod reshape;
mod resize;

pub(crate) use draft::{Draft, Reference, Weight};
pub(crate) use node::{Value, node_name};

use crate::{
    OnnxError,
    host::{Elements, Host, Kind, Number},
    message::{Graph, Node},
    read,
};
use node::Operator;
use spec::{GraphError, GraphOperation, ValueShape};
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

/// An input of the part that is lowered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Input {
    /// z or the image, with these axes after that of the samples.
    Main(Vec<usize>),
    /// z or the image of one sample, without an axis of samples.
    Single(Vec<usize>),
    /// A weight for each class.
    ClassWeights(usize),
    /// The number of the class.
    Label(usize),
}

/// A part of a graph to lower.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Values that are given.
    pub(crate) inputs: Vec<(String, Input)>,
    /// Values that are wanted.
    pub(crate) outputs: Vec<String>,
    /// The number of samples that the file fixes, if it does.
    pub(crate) samples: Option<usize>,
}

/// The result: outputs as values of the graph, with their shapes.
pub(crate) struct Lowered {
    pub(crate) draft: Draft,
    pub(crate) outputs: Vec<Reference>,
    /// The axes of computed values by their names, without that of the samples.
    pub(crate) axes: HashMap<String, Vec<usize>>,
    /// Random noise was read as 0.
    pub(crate) without_noise: bool,
}

/// What is known while a part is lowered.
pub(crate) struct Scope<'a> {
    pub(crate) draft: Draft,
    values: HashMap<String, Value>,
    tensors: HashMap<&'a str, &'a crate::message::Tensor>,
    /// Keeps the addresses in `Draft::known` valid.
    kept: Vec<Rc<Elements>>,
    samples: Option<usize>,
    per_sample: bool,
    without_noise: bool,
    depth: usize,
}

/// Branches within branches.
const MAX_DEPTH: usize = 16;

/// Lowers a part: for any number of samples, or if that is not possible, for one after another.
///
/// # Errors
/// [`OnnxError`].
pub(crate) fn lower(graph: &Graph, version: i64, part: &Part) -> Result<Lowered, OnnxError> {
    if !single(part) {
        match lower_as(graph, version, part, false) {
            Err(OnnxError::Graph(GraphError::MixesSamples(_))) => {}
            done => return done,
        }
    }
    if part.samples.is_some_and(|samples| samples > 1) {
        return Err(OnnxError::Parts(
            "the file is for a fixed number of images at a time; export it with dynamic_axes, or for one image".into(),
        ));
    }
    lower_as(graph, version, part, true)
}

/// Whether the file has no axis of samples.
fn single(part: &Part) -> bool {
    let mut inputs = part.inputs.iter();
    inputs.any(|(_, input)| matches!(input, Input::Single(_)))
}

fn lower_as(
    graph: &Graph,
    version: i64,
    part: &Part,
    per_sample: bool,
) -> Result<Lowered, OnnxError> {
    let mut scope = Scope {
        draft: Draft::new(0, 0, per_sample),
        values: HashMap::new(),
        tensors: HashMap::new(),
        kept: Vec::new(),
        samples: part.samples,
        per_sample,
        without_noise: false,
        depth: 0,
    };
    for (_, input) in &part.inputs {
        match input {
            Input::Main(axes) | Input::Single(axes) => {
                let shape = ValueShape::fixed(axes.clone());
                shape.check()?;
                scope.draft.input = shape.elements();
            }
            Input::ClassWeights(classes) | Input::Label(classes) => scope.draft.classes = *classes,
        }
    }
    for (name, input) in &part.inputs {
        let value = match input {
            Input::Main(axes) => Value::Computed(scope.main(axes)?),
            Input::Single(axes) => {
                let reshape = GraphOperation::Reshape(axes.clone());
                Value::Computed(scope.draft.push(reshape, &[Reference::Input])?)
            }
            Input::ClassWeights(_) => Value::Computed(Reference::Classes),
            Input::Label(_) => Value::Label,
        };
        scope.values.insert(name.clone(), value);
    }
    let needed = needed(graph, part);
    scope.run(graph, version, Some(&needed))?;
    let mut outputs = Vec::new();
    for name in &part.outputs {
        let node = Node {
            op_type: "output".into(),
            name: name.clone(),
            ..Node::default()
        };
        let value = scope.value(name, &node)?;
        let mut operator = Operator {
            node: &node,
            version,
            inputs: vec![Some(value.clone())],
            scope: &mut scope,
        };
        outputs.push(operator.reference(&value)?);
    }
    let axes = scope.values.iter().filter_map(|(name, value)| match value {
        Value::Computed(reference) => {
            let shape = scope.draft.shape(*reference);
            let skip = usize::from(per_sample && !single(part));
            Some((name.clone(), shape.axes.get(skip..)?.to_vec()))
        }
        Value::Known(_) | Value::Label => None,
    });
    let axes = axes.collect();
    Ok(Lowered {
        axes,
        draft: scope.draft,
        outputs,
        without_noise: scope.without_noise,
    })
}

/// The nodes that the outputs need, by their indices.
fn needed(graph: &Graph, part: &Part) -> HashSet<usize> {
    let mut producers: HashMap<&str, usize> = HashMap::new();
    for (at, node) in graph.node.iter().enumerate() {
        for output in &node.output {
            producers.insert(output, at);
        }
    }
    let given: HashSet<&str> = part.inputs.iter().map(|(name, _)| name.as_str()).collect();
    let mut found = HashSet::new();
    let mut open: Vec<&str> = part.outputs.iter().map(String::as_str).collect();
    while let Some(name) = open.pop() {
        if given.contains(name) {
            continue;
        }
        if let Some(&at) = producers.get(name)
            && found.insert(at)
        {
            open.extend(reads(&graph.node[at]));
        }
    }
    found
}

/// The values that a node reads, also in its branches.
pub(crate) fn reads(node: &Node) -> Vec<&str> {
    let mut names: Vec<&str> = node.input.iter().map(String::as_str).collect();
    for graph in node
        .attribute
        .iter()
        .filter_map(|attribute| attribute.g.as_ref())
    {
        names.extend(graph.output.iter().map(|output| output.name.as_str()));
        names.extend(graph.node.iter().flat_map(reads));
    }
    names.retain(|name| !name.is_empty());
    names
}

impl<'a> Scope<'a> {
    /// The main input with its axes.
    fn main(&mut self, axes: &[usize]) -> Result<Reference, OnnxError> {
        let axes = match self.per_sample {
            true => [&[1], axes].concat(),
            false => axes.to_vec(),
        };
        match self.draft.shape(Reference::Input).axes == axes {
            true => Ok(Reference::Input),
            false => Ok(self
                .draft
                .push(GraphOperation::Reshape(axes), &[Reference::Input])?),
        }
    }

    fn run(
        &mut self,
        graph: &'a Graph,
        version: i64,
        needed: Option<&HashSet<usize>>,
    ) -> Result<(), OnnxError> {
        for tensor in &graph.initializer {
            self.tensors.insert(&tensor.name, tensor);
        }
        for (at, node) in graph.node.iter().enumerate() {
            if needed.is_some_and(|needed| !needed.contains(&at)) {
                continue;
            }
            self.run_node(node, version)?;
        }
        Ok(())
    }

    fn run_node(&mut self, node: &'a Node, version: i64) -> Result<(), OnnxError> {
        if node.op_type == "If" {
            return self.run_branch(node, version);
        }
        let mut inputs = Vec::new();
        for name in &node.input {
            inputs.push(match name.is_empty() {
                true => None,
                false => Some(self.value(name, node)?),
            });
        }
        let results = operator(Operator {
            node,
            version,
            inputs,
            scope: self,
        })?;
        for (name, value) in node.output.iter().zip(results) {
            // A given value stays.
            self.values.entry(name.clone()).or_insert(value);
        }
        Ok(())
    }

    /// The branch of an `If` whose condition is known.
    fn run_branch(&mut self, node: &'a Node, version: i64) -> Result<(), OnnxError> {
        let refuse = |advice: &str| OnnxError::Operator {
            operator: "If".into(),
            node: node_name(node),
            advice: advice.to_owned(),
        };
        let condition = match node.input.first() {
            Some(name) => self.value(name, node)?,
            None => return Err(refuse("")),
        };
        let condition = match condition {
            Value::Known(host) => match host.scalar() {
                Some(value) => value != 0.0,
                None => return Err(GraphError::MixesSamples("If").into()),
            },
            _ => return Err(refuse("; its condition depends on z or the image")),
        };
        let branch = if condition {
            "then_branch"
        } else {
            "else_branch"
        };
        let graph = node
            .attribute
            .iter()
            .find(|attribute| attribute.name == branch)
            .and_then(|attribute| attribute.g.as_ref())
            .ok_or_else(|| refuse("; it has no branches"))?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(refuse("; its branches are nested too deeply"));
        }
        self.run(graph, version, None)?;
        self.depth -= 1;
        for (name, output) in node.output.iter().zip(&graph.output) {
            let value = self.value(&output.name, node)?;
            self.values.insert(name.clone(), value);
        }
        Ok(())
    }

    fn value(&mut self, name: &str, node: &Node) -> Result<Value, OnnxError> {
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        let Some(tensor) = self.tensors.get(name) else {
            return Err(OnnxError::Missing {
                node: node_name(node),
                value: name.to_owned(),
            });
        };
        let value = Value::Known(read::tensor(tensor)?);
        self.values.insert(name.to_owned(), value.clone());
        Ok(value)
    }
}

/// The results of a node.
fn operator(mut op: Operator<'_, '_>) -> Result<Vec<Value>, OnnxError> {
    let domain = op.node.domain.as_str();
    if !matches!(domain, "" | "ai.onnx" | "com.microsoft") {
        return Err(op.unsupported("it is not one of ONNX's own"));
    }
    let one = |reference: Reference| Ok(vec![Value::Computed(reference)]);
    match op.node.op_type.as_str() {
        "Identity" | "Dropout" => {
            let given = op.given(0).cloned();
            let value = given.ok_or_else(|| op.error("it has no input"))?;
            Ok(vec![value; op.node.output.len()])
        }
        "Constant" => constant(&op),
        "RandomNormalLike" | "RandomNormal" => {
            // The most probable noise: the encoder's mean.
            op.scope.without_noise = true;
            let mean = op.float("mean", 0.0);
            let axes = match op.given(0).cloned() {
                Some(value) => {
                    let x = op.reference(&value)?;
                    let shape = op.shape(x);
                    vec![1; shape.rank()]
                }
                None => Vec::new(),
            };
            let count = axes.iter().product();
            Ok(op.result(Host::of_floats(axes, vec![mean; count])))
        }
        "Gemm" => linear::gemm(&mut op).and_then(one),
        "MatMul" => linear::matmul(&mut op).and_then(one),
        "Conv" => linear::convolution(&mut op).and_then(one),
        "ConvTranspose" => linear::transposed(&mut op).and_then(one),
        "BatchNormalization" => normalization::batch(&mut op).and_then(one),
        "InstanceNormalization" => normalization::instance(&mut op).and_then(one),
        "LayerNormalization" => normalization::layer(&mut op).and_then(one),
        "GroupNormalization" => normalization::group(&mut op).and_then(one),
        "Softmax" | "LogSoftmax" => normalization::softmax(&mut op).and_then(one),
        "LpNormalization" => normalization::lp(&mut op).and_then(one),
        "MaxPool" => pool::max(&mut op).and_then(one),
        "AveragePool" => pool::average(&mut op).and_then(one),
        "GlobalAveragePool" | "GlobalMaxPool" => pool::global(&mut op).and_then(one),
        "Resize" | "Upsample" => resize::resize(&mut op).and_then(one),
        "Shape" | "Size" | "ConstantOfShape" | "Range" | "Reshape" | "Flatten" | "Squeeze"
        | "Unsqueeze" | "Transpose" | "Concat" | "Split" | "Slice" | "Gather" | "Expand"
        | "Tile" | "Pad" | "DepthToSpace" | "SpaceToDepth" | "OneHot" => reshape::run(&mut op),
        _ => arithmetic::run(&mut op),
    }
}

fn constant(op: &Operator<'_, '_>) -> Result<Vec<Value>, OnnxError> {
    if let Some(tensor) = op.tensor_attribute("value") {
        return Ok(op.result(read::tensor(tensor)?));
    }
    let number = |kind, value: f64| Host::of_numbers(kind, Vec::new(), vec![Number::new(value)]);
    let host = if let Some(found) = op.attribute("value_float") {
        number(Kind::Float, found.f.into())
    } else if let Some(found) = op.attribute("value_int") {
        number(Kind::Int, found.i as f64)
    } else if let Some(found) = op.attribute("value_ints") {
        Host::ints(&found.ints)
    } else if let Some(found) = op.attribute("value_floats") {
        Host::of_floats(vec![found.floats.len()], found.floats.clone())
    } else {
        return Err(op.unsupported("its value is neither a tensor nor a number"));
    };
    Ok(op.result(host))
}
