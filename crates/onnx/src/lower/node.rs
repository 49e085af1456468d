//! A node of a file, and the values that it reads.

use super::{Reference, Scope};
use crate::{
    OnnxError,
    host::{Elements, Host, Kind},
    message::{Attribute, Node, Tensor},
};
use spec::{BinaryFunction, GraphError, GraphOperation, UnaryFunction, ValueShape};

/// A value that is read.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Computed at run time.
    Computed(Reference),
    /// Known when the file is read.
    Known(Host),
    /// The number of the label.
    Label,
}

/// A node with its inputs; operators add operations by it.
pub(crate) struct Operator<'a, 'b> {
    pub(crate) node: &'a Node,
    pub(crate) version: i64,
    pub(crate) inputs: Vec<Option<Value>>,
    pub(crate) scope: &'a mut Scope<'b>,
}

impl Operator<'_, '_> {
    /// An error about this node.
    pub(crate) fn error(&self, reason: impl Into<String>) -> OnnxError {
        OnnxError::Node {
            operator: self.node.op_type.clone(),
            node: node_name(self.node),
            reason: reason.into(),
        }
    }

    pub(crate) fn unsupported(&self, advice: &str) -> OnnxError {
        OnnxError::Operator {
            operator: operator_name(self.node),
            node: node_name(self.node),
            advice: match advice {
                "" => String::new(),
                advice => format!("; {advice}"),
            },
        }
    }

    /// An error of a graph as one of this node, unless the graph may be computed sample by sample.
    fn graph_error(&self, error: GraphError) -> OnnxError {
        match error {
            GraphError::MixesSamples(_) | GraphError::Nodes(_) => error.into(),
            error => self.error(error.to_string()),
        }
    }

    /// The result depends on the number of samples in a way that only one sample at a time allows.
    pub(crate) fn mixes(&self) -> OnnxError {
        GraphError::MixesSamples("the graph").into()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.node
            .attribute
            .iter()
            .find(|attribute| attribute.name == name)
    }

    pub(crate) fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |found| found.i)
    }

    pub(crate) fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name).map_or(default, |found| found.f)
    }

    pub(crate) fn ints(&self, name: &str) -> Option<Vec<i64>> {
        self.attribute(name).map(|found| found.ints.clone())
    }

    pub(crate) fn text(&self, name: &str, default: &str) -> String {
        self.attribute(name).map_or_else(
            || default.to_owned(),
            |found| String::from_utf8_lossy(&found.s).into_owned(),
        )
    }

    pub(crate) fn tensor_attribute(&self, name: &str) -> Option<&Tensor> {
        self.attribute(name).and_then(|found| found.t.as_ref())
    }

    /// An input, if it is given.
    pub(crate) fn given(&self, at: usize) -> Option<&Value> {
        self.inputs.get(at).and_then(Option::as_ref)
    }

    /// An input that must be known.
    pub(crate) fn known(&self, at: usize) -> Result<Option<Host>, OnnxError> {
        match self.given(at) {
            None => Ok(None),
            Some(Value::Known(host)) => Ok(Some(host.clone())),
            Some(_) => Err(self.unsupported(&format!(
                "its input {at} is computed from z or the image, and only fixed values can be used there"
            ))),
        }
    }

    /// An input of whole numbers, or the attribute that older versions have.
    pub(crate) fn whole(&self, at: usize, attribute: &str) -> Result<Option<Vec<i64>>, OnnxError> {
        match self.known(at)? {
            Some(host) => match host.whole() {
                Some(values) => Ok(Some(values)),
                None => Err(self.mixes()),
            },
            None => Ok(self.ints(attribute)),
        }
    }

    /// An input of one number.
    pub(crate) fn scalar(&self, at: usize) -> Result<Option<f64>, OnnxError> {
        match self.known(at)? {
            Some(host) => match host.scalar() {
                Some(value) => Ok(Some(value)),
                None => Err(self.error(format!("input {at} is not one number"))),
            },
            None => Ok(None),
        }
    }

    /// An input as a value of the graph.
    pub(crate) fn computed(&mut self, at: usize) -> Result<Reference, OnnxError> {
        match self.given(at).cloned() {
            Some(value) => self.reference(&value),
            None => Err(self.error(format!("input {at} is missing"))),
        }
    }

    /// A value as one of the graph.
    pub(crate) fn reference(&mut self, value: &Value) -> Result<Reference, OnnxError> {
        let host = match value {
            Value::Computed(reference) => return Ok(*reference),
            Value::Label => {
                return Err(self.unsupported("the label is used as a number"));
            }
            Value::Known(host) => host,
        };
        let address = std::rc::Rc::as_ptr(&host.elements) as usize;
        if let Some(known) = self.scope.draft.known.get(&address) {
            let known = *known;
            if self.scope.draft.shape(known) == ValueShape::fixed(host.dims.clone()) {
                return Ok(known);
            }
            return self.reshape(known, host.dims.clone());
        }
        let values = match (&*host.elements, host.floats()) {
            (_, Some(values)) => values,
            (Elements::Numbers(_), None) => return Err(self.mixes()),
            (Elements::Floats(_), None) => Vec::new(),
        };
        let weight = self
            .scope
            .draft
            .weight(&host.name, host.dims.clone(), values);
        let weight = weight.map_err(|error| self.graph_error(error))?;
        self.scope.draft.known.insert(address, weight);
        self.scope.kept.push(host.elements.clone());
        Ok(weight)
    }

    pub(crate) fn shape(&self, value: Reference) -> ValueShape {
        self.scope.draft.shape(value)
    }

    pub(crate) fn push(
        &mut self,
        operation: GraphOperation,
        inputs: &[Reference],
    ) -> Result<Reference, OnnxError> {
        let pushed = self.scope.draft.push(operation, inputs);
        pushed.map_err(|error| self.graph_error(error))
    }

    pub(crate) fn unary(
        &mut self,
        function: UnaryFunction,
        x: Reference,
    ) -> Result<Reference, OnnxError> {
        self.push(GraphOperation::Unary(function), &[x])
    }

    pub(crate) fn binary(
        &mut self,
        function: BinaryFunction,
        a: Reference,
        b: Reference,
    ) -> Result<Reference, OnnxError> {
        self.push(GraphOperation::Binary(function), &[a, b])
    }

    /// Arithmetic with a constant.
    pub(crate) fn with(
        &mut self,
        function: BinaryFunction,
        x: Reference,
        constant: f32,
    ) -> Result<Reference, OnnxError> {
        let constant = self.scope.draft.constant(constant);
        let constant = constant.map_err(|error| self.graph_error(error))?;
        self.binary(function, x, constant)
    }

    /// A weight that the file does not have.
    pub(crate) fn weight(
        &mut self,
        axes: Vec<usize>,
        values: Vec<f32>,
    ) -> Result<Reference, OnnxError> {
        let weight = self.scope.draft.weight("", axes, values);
        weight.map_err(|error| self.graph_error(error))
    }

    /// Other axes, without that of the samples; nothing is added if they are the same.
    pub(crate) fn reshape(
        &mut self,
        x: Reference,
        axes: Vec<usize>,
    ) -> Result<Reference, OnnxError> {
        match self.shape(x).axes == axes {
            true => Ok(x),
            false => self.push(GraphOperation::Reshape(axes), &[x]),
        }
    }

    /// All axes in another form, where the first is that of the samples if there is one.
    pub(crate) fn reshape_full(
        &mut self,
        x: Reference,
        mut full: Vec<usize>,
    ) -> Result<Reference, OnnxError> {
        if self.shape(x).is_batched {
            full.remove(0);
        }
        self.reshape(x, full)
    }

    pub(crate) fn transpose(
        &mut self,
        x: Reference,
        order: Vec<usize>,
    ) -> Result<Reference, OnnxError> {
        match order.iter().copied().eq(0..order.len()) {
            true => Ok(x),
            false => self.push(GraphOperation::Transpose(order), &[x]),
        }
    }

    /// An axis counted from the end if it is negative.
    pub(crate) fn axis(&self, axis: i64, rank: usize) -> Result<usize, OnnxError> {
        let from_start = match axis < 0 {
            true => axis + rank as i64,
            false => axis,
        };
        match usize::try_from(from_start) {
            Ok(axis) if axis < rank => Ok(axis),
            _ => Err(self.error(format!("there is no axis {axis} among {rank}"))),
        }
    }

    /// Whether all inputs are known and small enough to be computed now.
    pub(crate) fn all_known(&self) -> Option<Vec<Host>> {
        self.inputs
            .iter()
            .flatten()
            .map(|value| match value {
                Value::Known(host) if host.len() <= crate::host::MAX_HOST_ELEMENTS => {
                    Some(host.clone())
                }
                _ => None,
            })
            .collect()
    }

    /// The result of a computation with known values.
    pub(crate) fn result(&self, host: Host) -> Vec<Value> {
        vec![Value::Known(host)]
    }

    /// The kind of a known or computed value.
    pub(crate) fn kind(&self, at: usize) -> Kind {
        match self.given(at) {
            Some(Value::Known(host)) => host.kind,
            Some(Value::Label) => Kind::Int,
            _ => Kind::Float,
        }
    }
}

/// The name of a node in messages.
pub(crate) fn node_name(node: &Node) -> String {
    match (node.name.is_empty(), node.output.first()) {
        (false, _) => format!("\"{}\"", node.name),
        (true, Some(output)) => format!("that computes \"{output}\""),
        (true, None) => "without a name".to_owned(),
    }
}

/// The name of an operator, with its domain if that is not the standard one.
pub(crate) fn operator_name(node: &Node) -> String {
    match node.domain.as_str() {
        "" | "ai.onnx" => node.op_type.clone(),
        domain => format!("{domain}::{}", node.op_type),
    }
}
