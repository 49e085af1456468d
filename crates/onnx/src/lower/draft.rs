//! A graph under construction.

use crate::OnnxError;
use spec::{Graph, GraphError, GraphNode, GraphOperation, ValueShape};
use std::collections::HashMap;

/// A value of a graph under construction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reference {
    Input,
    Classes,
    Weight(usize),
    Node(usize),
}

/// A weight with its name in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weight {
    pub(crate) name: String,
    pub(crate) axes: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

/// A graph under construction.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) input: usize,
    pub(crate) classes: usize,
    pub(crate) per_sample: bool,
    pub(crate) weights: Vec<Weight>,
    nodes: Vec<(GraphOperation, Vec<Reference>)>,
    shapes: Vec<ValueShape>,
    /// Weights by the addresses of their values, so that each is stored once.
    pub(crate) known: HashMap<usize, Reference>,
}

impl Draft {
    /// An empty graph with these inputs.
    pub(crate) fn new(input: usize, classes: usize, per_sample: bool) -> Self {
        Self {
            input,
            classes,
            per_sample,
            ..Self::default()
        }
    }

    pub(crate) fn shape(&self, value: Reference) -> ValueShape {
        match value {
            Reference::Input => Graph::input_shape(self.input, self.per_sample),
            Reference::Classes => Graph::input_shape(self.classes, self.per_sample),
            Reference::Weight(at) => ValueShape::fixed(self.weights[at].axes.clone()),
            Reference::Node(at) => self.shapes[at].clone(),
        }
    }

    /// Adds an operation.
    ///
    /// # Errors
    /// [`GraphError`].
    pub(crate) fn push(
        &mut self,
        operation: GraphOperation,
        inputs: &[Reference],
    ) -> Result<Reference, GraphError> {
        if self.nodes.len() >= Graph::MAX_NODES {
            return Err(GraphError::Nodes(self.nodes.len() + 1));
        }
        let shapes: Vec<_> = inputs.iter().map(|&input| self.shape(input)).collect();
        let shape = operation.output(&shapes.iter().collect::<Vec<_>>())?;
        shape.check()?;
        self.nodes.push((operation, inputs.to_vec()));
        self.shapes.push(shape);
        Ok(Reference::Node(self.nodes.len() - 1))
    }

    /// Adds a weight.
    ///
    /// # Errors
    /// [`GraphError`] beyond the limits.
    pub(crate) fn weight(
        &mut self,
        name: &str,
        axes: Vec<usize>,
        values: Vec<f32>,
    ) -> Result<Reference, GraphError> {
        ValueShape::fixed(axes.clone()).check()?;
        self.weights.push(Weight {
            name: name.to_owned(),
            axes,
            values,
        });
        Ok(Reference::Weight(self.weights.len() - 1))
    }

    /// A weight of one element.
    ///
    /// # Errors
    /// [`GraphError`] beyond the limits.
    pub(crate) fn constant(&mut self, value: f32) -> Result<Reference, GraphError> {
        self.weight("", Vec::new(), vec![value])
    }

    /// The graph with these outputs, without what they do not need, and its weights.
    ///
    /// # Errors
    /// [`OnnxError::Graph`] beyond the limits.
    pub(crate) fn finish(self, outputs: &[Reference]) -> Result<(Graph, Vec<Weight>), OnnxError> {
        let mut needed = vec![false; self.nodes.len()];
        let mut needed_weights = vec![false; self.weights.len()];
        let mark = |value: &Reference, nodes: &mut Vec<bool>, weights: &mut Vec<bool>| match *value
        {
            Reference::Node(at) => nodes[at] = true,
            Reference::Weight(at) => weights[at] = true,
            Reference::Input | Reference::Classes => {}
        };
        for output in outputs {
            mark(output, &mut needed, &mut needed_weights);
        }
        for at in (0..self.nodes.len()).rev() {
            if needed[at] {
                for input in &self.nodes[at].1 {
                    mark(input, &mut needed, &mut needed_weights);
                }
            }
        }
        let first_weight = 1 + usize::from(self.classes > 0);
        let number = |flags: &[bool], at: usize| flags[..at].iter().filter(|&&flag| flag).count();
        let count = number(&needed_weights, needed_weights.len());
        let value = |reference: &Reference| match *reference {
            Reference::Input => 0,
            Reference::Classes => 1,
            Reference::Weight(at) => first_weight + number(&needed_weights, at),
            Reference::Node(at) => first_weight + count + number(&needed, at),
        };
        let nodes = self.nodes.iter().enumerate().filter(|(at, _)| needed[*at]);
        let nodes = nodes.map(|(_, (operation, inputs))| GraphNode {
            operation: operation.clone(),
            inputs: inputs.iter().map(&value).collect(),
        });
        let nodes = nodes.collect();
        let outputs = outputs.iter().map(&value).collect();
        let weights: Vec<Weight> = self
            .weights
            .into_iter()
            .zip(&needed_weights)
            .filter_map(|(weight, &needed)| needed.then_some(weight))
            .collect();
        let graph = Graph {
            input: self.input,
            classes: self.classes,
            per_sample: self.per_sample,
            weights: weights.iter().map(|weight| weight.axes.clone()).collect(),
            nodes,
            outputs,
        };
        graph.shapes()?;
        Ok((graph, weights))
    }
}
