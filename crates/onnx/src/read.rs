//! Bytes to a checked model: limits, the values of tensors, functions and their nodes.

use crate::{
    OnnxError,
    host::{Elements, Host, Kind},
    limits::MAX_BYTES,
    message::{self, Attribute, Function, Graph, Model, Node, Tensor, element},
};
use half::{bf16, f16};
use prost::Message as _;
use std::rc::Rc;

/// Operators that the file defines may use each other to this depth.
const MAX_FUNCTION_DEPTH: usize = 16;

/// A model without functions, whose tensors are not yet converted.
pub(crate) struct Source {
    pub(crate) graph: Graph,
    /// The version of the standard operators.
    pub(crate) version: i64,
    pub(crate) producer: String,
}

/// Reads a model.
///
/// # Errors
/// [`OnnxError`].
pub(crate) fn read(bytes: &[u8]) -> Result<Source, OnnxError> {
    if bytes.len() > MAX_BYTES {
        return Err(OnnxError::Bytes(bytes.len() / 1_000_000));
    }
    let model = Model::decode(bytes).map_err(|error| OnnxError::Damaged(error.to_string()))?;
    let mut graph = model.graph.ok_or(OnnxError::NoGraph)?;
    check_count(graph.node.len())?;
    for _ in 0..MAX_FUNCTION_DEPTH {
        if !graph
            .node
            .iter()
            .any(|node| function_of(node, &model.functions).is_some())
        {
            break;
        }
        graph.node = inlined(graph.node, &model.functions)?;
    }
    let standard = |domain: &str| domain.is_empty() || domain == "ai.onnx";
    let version = model
        .opset_import
        .iter()
        .filter(|set| standard(&set.domain))
        .map(|set| set.version)
        .max();
    Ok(Source {
        graph,
        version: version.unwrap_or(1),
        producer: model.producer_name,
    })
}

fn check_count(nodes: usize) -> Result<(), OnnxError> {
    match nodes <= spec::Graph::MAX_NODES {
        true => Ok(()),
        false => Err(OnnxError::Nodes(nodes)),
    }
}

fn function_of<'a>(node: &Node, functions: &'a [Function]) -> Option<&'a Function> {
    let is_it =
        |function: &&Function| function.name == node.op_type && function.domain == node.domain;
    functions.iter().find(is_it)
}

/// The nodes with each use of a function replaced by the function's nodes, under names of their own.
fn inlined(nodes: Vec<Node>, functions: &[Function]) -> Result<Vec<Node>, OnnxError> {
    let mut result = Vec::new();
    for (use_index, node) in nodes.into_iter().enumerate() {
        match function_of(&node, functions) {
            None => result.push(node),
            Some(function) => {
                let rename = |name: &String| -> String {
                    let at = |names: &[String]| names.iter().position(|other| other == name);
                    if name.is_empty() {
                        String::new()
                    } else if let Some(at) = at(&function.input) {
                        node.input.get(at).cloned().unwrap_or_default()
                    } else if let Some(name) =
                        at(&function.output).and_then(|at| node.output.get(at))
                    {
                        name.clone()
                    } else {
                        format!("{}/{use_index}/{name}", node.name)
                    }
                };
                for inner in &function.node {
                    let attribute = |attribute: &Attribute| -> Option<Attribute> {
                        if attribute.ref_attr_name.is_empty() {
                            return Some(attribute.clone());
                        }
                        let given = node
                            .attribute
                            .iter()
                            .find(|given| given.name == attribute.ref_attr_name)?;
                        Some(Attribute {
                            name: attribute.name.clone(),
                            ..given.clone()
                        })
                    };
                    result.push(Node {
                        input: inner.input.iter().map(rename).collect(),
                        output: inner.output.iter().map(rename).collect(),
                        name: format!("{}/{}", node.name, inner.name),
                        op_type: inner.op_type.clone(),
                        attribute: inner.attribute.iter().filter_map(attribute).collect(),
                        domain: inner.domain.clone(),
                    });
                }
            }
        }
        check_count(result.len())?;
    }
    Ok(result)
}

/// The values of a tensor. Memory is allocated for values that are present, not for a declared shape.
///
/// # Errors
/// [`OnnxError`].
pub(crate) fn tensor(tensor: &Tensor) -> Result<Host, OnnxError> {
    const EXTERNAL: i32 = 1;
    let name = &tensor.name;
    if tensor.data_location == EXTERNAL || !tensor.external_data.is_empty() {
        return Err(OnnxError::ExternalData(name.clone()));
    }
    let wrong = || OnnxError::Values {
        name: name.clone(),
        shape: tensor.dims.clone(),
    };
    let mut dims = Vec::new();
    let mut count = 1_usize;
    for &dim in &tensor.dims {
        let dim = usize::try_from(dim).map_err(|_| wrong())?;
        count = count.checked_mul(dim).ok_or_else(wrong)?;
        dims.push(dim);
    }
    let raw = &tensor.raw_data;
    let bytes = |size: usize| raw.chunks_exact(size);
    let ints = |kind: Kind, values: Vec<i64>| {
        let values = values.into_iter().map(|value| value as f64).collect();
        (kind, Elements::numbers(values))
    };
    let of_i32 = || tensor.int32_data.iter().map(|&value| i64::from(value));
    let (size, (kind, elements)) = match tensor.data_type {
        element::FLOAT => {
            let values = match raw.is_empty() {
                true => tensor.float_data.clone(),
                false => bytes(4)
                    .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                    .collect(),
            };
            (4, (Kind::Float, Elements::Floats(values)))
        }
        element::DOUBLE => {
            let values = match raw.is_empty() {
                true => tensor.double_data.iter().map(|&v| v as f32).collect(),
                false => bytes(8)
                    .map(|b| f64::from_le_bytes(eight(b)) as f32)
                    .collect(),
            };
            (8, (Kind::Float, Elements::Floats(values)))
        }
        element::FLOAT16 | element::BFLOAT16 => {
            let is_f16 = tensor.data_type == element::FLOAT16;
            let value = |bits: u16| match is_f16 {
                true => f16::from_bits(bits).to_f32(),
                false => bf16::from_bits(bits).to_f32(),
            };
            let values = match raw.is_empty() {
                true => tensor
                    .int32_data
                    .iter()
                    .map(|&bits| value(bits as u16))
                    .collect(),
                false => bytes(2)
                    .map(|b| value(u16::from_le_bytes([b[0], b[1]])))
                    .collect(),
            };
            (2, (Kind::Float, Elements::Floats(values)))
        }
        element::INT64 | element::UINT64 => {
            let values = match raw.is_empty() {
                true => tensor.int64_data.clone(),
                false => bytes(8).map(|b| i64::from_le_bytes(eight(b))).collect(),
            };
            (8, ints(Kind::Int, values))
        }
        element::INT32 | element::UINT32 => {
            let values = match raw.is_empty() {
                true => of_i32().collect(),
                false => bytes(4)
                    .map(|b| i64::from(i32::from_le_bytes([b[0], b[1], b[2], b[3]])))
                    .collect(),
            };
            (4, ints(Kind::Int, values))
        }
        element::INT16 | element::UINT16 => {
            let values = match raw.is_empty() {
                true => of_i32().collect(),
                false => bytes(2)
                    .map(|b| i64::from(i16::from_le_bytes([b[0], b[1]])))
                    .collect(),
            };
            (2, ints(Kind::Int, values))
        }
        element::INT8 | element::UINT8 | element::BOOL => {
            let values = match (raw.is_empty(), tensor.data_type) {
                (true, _) => of_i32().collect(),
                (false, element::INT8) => raw.iter().map(|&b| i64::from(b as i8)).collect(),
                (false, _) => raw.iter().map(|&b| i64::from(b)).collect(),
            };
            let kind = match tensor.data_type {
                element::BOOL => Kind::Bool,
                _ => Kind::Int,
            };
            (1, ints(kind, values))
        }
        other => {
            return Err(OnnxError::Element {
                name: name.clone(),
                element: other,
            });
        }
    };
    if elements.len() != count || !raw.len().is_multiple_of(size) {
        return Err(wrong());
    }
    if let Elements::Floats(values) = &elements
        && !values.iter().all(|value| value.is_finite())
        && count > 1
    {
        return Err(OnnxError::NotFinite(name.clone()));
    }
    Ok(Host {
        kind,
        dims,
        elements: Rc::new(elements),
        name: name.clone(),
    })
}

fn eight(bytes: &[u8]) -> [u8; 8] {
    let mut eight = [0; 8];
    eight.copy_from_slice(bytes);
    eight
}

/// The axes that a value is declared to have: a size, or `None` if it is not fixed. `None` without a declaration.
pub(crate) fn declared(info: &message::ValueInfo) -> Option<Vec<Option<usize>>> {
    let tensor = info.r#type.as_ref()?.tensor_type.as_ref()?;
    let shape = tensor.shape.as_ref()?;
    let axis = |dim: &message::Dimension| {
        let size = usize::try_from(dim.dim_value?).ok()?;
        (size > 0).then_some(size)
    };
    Some(shape.dim.iter().map(axis).collect())
}

/// The type of elements that a value is declared to have.
pub(crate) fn declared_element(info: &message::ValueInfo) -> Option<i32> {
    Some(info.r#type.as_ref()?.tensor_type.as_ref()?.elem_type)
}
