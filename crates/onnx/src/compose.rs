//! Graphs composed of graphs.

use crate::{
    OnnxError,
    lower::{Draft, Reference, Weight},
};
use spec::{BinaryFunction, Graph, GraphOperation};

/// The value as a row of that many values.
pub(crate) fn row(draft: &mut Draft, x: Reference, values: usize) -> Result<Reference, OnnxError> {
    let wanted = Graph::input_shape(values, draft.per_sample);
    let mut x = x;
    if !draft.per_sample && !draft.shape(x).is_batched {
        // An output that does not depend on the input.
        x = draft.push(GraphOperation::Reshape(vec![1, values]), &[x])?;
        x = draft.push(GraphOperation::ToBatch, &[x])?;
    }
    match draft.shape(x) == wanted {
        true => Ok(x),
        false => Ok(draft.push(GraphOperation::Reshape(wanted.axes), &[x])?),
    }
}

/// factor · x + shift.
pub(crate) fn scaled(
    draft: &mut Draft,
    mut x: Reference,
    factor: f32,
    shift: f32,
) -> Result<Reference, OnnxError> {
    for (function, constant, neutral) in [
        (BinaryFunction::Mul, factor, 1.0),
        (BinaryFunction::Add, shift, 0.0),
    ] {
        if constant != neutral {
            let constant = draft.constant(constant)?;
            x = draft.push(GraphOperation::Binary(function), &[x, constant])?;
        }
    }
    Ok(x)
}

/// Adds a graph, whose input is `input`, to a draft; its outputs.
pub(crate) fn append(
    draft: &mut Draft,
    graph: &Graph,
    weights: &[Weight],
    input: Reference,
) -> Result<Vec<Reference>, OnnxError> {
    let mut values = vec![input];
    if graph.classes > 0 {
        values.push(Reference::Classes);
    }
    for weight in weights {
        values.push(draft.weight(&weight.name, weight.axes.clone(), weight.values.clone())?);
    }
    for node in &graph.nodes {
        let inputs: Vec<Reference> = node.inputs.iter().map(|&input| values[input]).collect();
        values.push(draft.push(node.operation.clone(), &inputs)?);
    }
    Ok(graph.outputs.iter().map(|&output| values[output]).collect())
}
