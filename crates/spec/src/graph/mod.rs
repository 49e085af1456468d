//! Graphs of tensor operations: networks that other programs wrote as ONNX, as plain data.
//!
//! All sizes are fixed but one: the number of samples. A value is either *batched*, with the samples along its first axis,
//! or the same for all samples. A graph that mixes samples, or whose file fixes their number, computes one at a time
//! ([`Graph::per_sample`]).

mod operation;
mod shape;

pub use operation::{BinaryFunction, GraphOperation, GraphWindow, Reduction, UnaryFunction};
pub use shape::ValueShape;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A graph from rows of values to rows of values.
///
/// Values are numbered: 0 is the input, 1 the class weights if there are classes, then come the weights, and then the
/// result of each node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graph {
    /// Values of a row of the input.
    pub input: usize,
    /// Class weights of a row; 0 for an unconditional model.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub classes: usize,
    /// Whether samples are computed one after another. The input is then a row, `[1, values]`, and no value is batched.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub per_sample: bool,
    /// The shapes of the weights.
    pub weights: Vec<Vec<usize>>,
    /// The operations; each reads values before its own.
    pub nodes: Vec<GraphNode>,
    /// The results, each a row for each sample.
    pub outputs: Vec<usize>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(value: &usize) -> bool {
    *value == 0
}

/// An operation and the values that it reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GraphNode {
    /// What it computes.
    pub operation: GraphOperation,
    /// The numbers of the values.
    pub inputs: Vec<usize>,
}

/// Encoder and decoder of a model as graphs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graphs {
    /// From an image to μ and the second head; `None` for a decoder alone.
    pub encoder: Option<Graph>,
    /// From z to the raw output.
    pub decoder: Graph,
}

/// Why a graph can't be computed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GraphError {
    /// More nodes than [`Graph::MAX_NODES`].
    #[error("there are {0} operations; at most {max} are supported", max = Graph::MAX_NODES)]
    Nodes(usize),
    /// A value has more axes than [`Graph::MAX_RANK`].
    #[error("a tensor has {0} axes; at most {max} are supported", max = Graph::MAX_RANK)]
    Rank(usize),
    /// A value has more elements than [`Graph::MAX_ELEMENTS`].
    #[error("a tensor of shape {0:?} is too large; at most {max} values are supported", max = Graph::MAX_ELEMENTS)]
    Elements(Vec<usize>),
    /// More arithmetic for one sample than [`Graph::MAX_OPERATIONS`].
    #[error("one image takes too many arithmetic operations; at most {max} are supported", max = Graph::MAX_OPERATIONS)]
    Time,
    /// The shapes of the inputs do not fit the operation.
    #[error("{operation} can't be applied to the shapes {shapes}")]
    Shapes {
        /// The operation.
        operation: &'static str,
        /// The shapes.
        shapes: String,
    },
    /// The operation would mix samples; it is possible if they are computed one at a time.
    #[error("{0} would mix the images of a batch")]
    MixesSamples(&'static str),
    /// A node reads a value that does not exist before it.
    #[error("operation {0} reads a value that is not computed before it")]
    Order(usize),
    /// An output is not a row of the expected size for each sample.
    #[error("output {index} has the shape {shape}, not a row for each image")]
    Output {
        /// The output's index.
        index: usize,
        /// Its shape.
        shape: String,
    },
}

impl Graph {
    /// The most operations.
    pub const MAX_NODES: usize = 4096;
    /// The most axes of a value.
    pub const MAX_RANK: usize = 6;
    /// The most elements of a value for one sample: 64 MiB.
    pub const MAX_ELEMENTS: usize = 1 << 24;
    /// The most multiplications and other arithmetic operations for one sample: some seconds on one CPU thread.
    pub const MAX_OPERATIONS: u64 = 1 << 34;

    /// The number of values before the first node's.
    pub fn first_node(&self) -> usize {
        self.first_weight() + self.weights.len()
    }

    /// The number of values before the first weight.
    pub fn first_weight(&self) -> usize {
        1 + usize::from(self.classes > 0)
    }

    /// The shape of an input of that many values.
    pub fn input_shape(values: usize, per_sample: bool) -> ValueShape {
        match per_sample {
            true => ValueShape::fixed(vec![1, values]),
            false => ValueShape::batched(vec![values]),
        }
    }

    /// The shape of each value.
    ///
    /// # Errors
    /// [`GraphError`], if a shape does not fit or a limit is exceeded.
    pub fn shapes(&self) -> Result<Vec<ValueShape>, GraphError> {
        if self.nodes.len() > Self::MAX_NODES || self.weights.len() > Self::MAX_NODES {
            return Err(GraphError::Nodes(self.nodes.len().max(self.weights.len())));
        }
        let mut shapes = vec![Self::input_shape(self.input, self.per_sample)];
        if self.classes > 0 {
            shapes.push(Self::input_shape(self.classes, self.per_sample));
        }
        for weight in &self.weights {
            let shape = ValueShape::fixed(weight.clone());
            shape.check()?;
            shapes.push(shape);
        }
        let mut arithmetic = 0_u64;
        for (index, node) in self.nodes.iter().enumerate() {
            let inputs: Option<Vec<&ValueShape>> =
                node.inputs.iter().map(|&input| shapes.get(input)).collect();
            let inputs = inputs.ok_or(GraphError::Order(index))?;
            let output = node.operation.output(&inputs)?;
            output.check()?;
            arithmetic = arithmetic.saturating_add(node.operation.arithmetic(&inputs, &output));
            if arithmetic > Self::MAX_OPERATIONS {
                return Err(GraphError::Time);
            }
            shapes.push(output);
        }
        Ok(shapes)
    }

    /// Checks that the graph can be computed and that its outputs are rows of these sizes.
    ///
    /// # Errors
    /// [`GraphError`].
    pub fn validate(&self, outputs: &[usize]) -> Result<(), GraphError> {
        let shapes = self.shapes()?;
        let mut index = 0;
        let found = self.outputs.iter().map(|&output| shapes.get(output));
        for (found, &size) in found.zip(outputs) {
            let found = found.ok_or(GraphError::Order(self.nodes.len()))?;
            if *found != Self::input_shape(size, self.per_sample) {
                return Err(GraphError::Output {
                    index,
                    shape: found.to_string(),
                });
            }
            index += 1;
        }
        match index == outputs.len() && self.outputs.len() == outputs.len() {
            true => Ok(()),
            false => Err(GraphError::Order(self.nodes.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(operation: GraphOperation, inputs: &[usize]) -> GraphNode {
        GraphNode {
            operation,
            inputs: inputs.to_vec(),
        }
    }

    fn graph() -> Graph {
        Graph {
            input: 2,
            classes: 0,
            per_sample: false,
            weights: vec![vec![2, 12], vec![12]],
            nodes: vec![
                node(GraphOperation::MatMul, &[0, 1]),
                node(GraphOperation::Binary(BinaryFunction::Add), &[3, 2]),
                node(GraphOperation::Unary(UnaryFunction::Sigmoid), &[4]),
            ],
            outputs: vec![5],
        }
    }

    #[test]
    fn graph_knows_the_shapes_of_its_values() {
        let graph = graph();
        graph.validate(&[12]).expect("valid");
        let shapes = graph.shapes().expect("valid");
        assert_eq!(shapes[3], ValueShape::batched(vec![12]));
        let one = Graph {
            per_sample: true,
            ..graph
        };
        one.validate(&[12]).expect("valid");
        let json = serde_json::to_string(&one).expect("plain data");
        assert_eq!(
            serde_json::from_str::<Graph>(&json).expect("parses"),
            one,
            "cards hold this form"
        );
    }

    #[test]
    fn graph_rejects_what_can_not_be_computed() {
        let with = |change: fn(&mut Graph)| {
            let mut graph = graph();
            change(&mut graph);
            graph.validate(&[12]).expect_err("must be rejected")
        };
        assert_eq!(
            with(|graph| graph.nodes[0].inputs = vec![4, 1]),
            GraphError::Order(0)
        );
        assert!(matches!(
            with(|graph| graph.weights[0] = vec![3, 12]),
            GraphError::Shapes { .. }
        ));
        assert!(matches!(
            with(|graph| graph.weights[1] = vec![1 << 40]),
            GraphError::Elements(_)
        ));
        assert!(matches!(
            with(|graph| graph.nodes[2].operation = GraphOperation::Reduce {
                reduction: Reduction::Sum,
                axis: 0
            }),
            GraphError::MixesSamples(_)
        ));
        assert!(matches!(
            with(|graph| graph.outputs = vec![1]),
            GraphError::Output { .. }
        ));
    }
}
