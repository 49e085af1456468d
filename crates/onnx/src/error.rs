//! Errors.

use spec::GraphError;
use thiserror::Error;

/// The line of Python that exports a readable decoder.
pub const EXPORT_LINE: &str = "torch.onnx.export(model.decoder.eval(), torch.zeros(1, LATENT_SIZE), \"decoder.onnx\", input_names=[\"z\"], output_names=[\"image\"], dynamic_axes={\"z\": {0: \"n\"}, \"image\": {0: \"n\"}})";

/// Why a file can't be imported.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum OnnxError {
    /// Larger than [`MAX_BYTES`](crate::MAX_BYTES).
    #[error("the file has {0} MB; ONNX models up to {max} MB are read", max = crate::limits::MAX_BYTES / 1_000_000)]
    Bytes(usize),
    /// Not a message of ONNX.
    #[error("this is not an ONNX model, or it is damaged ({0})")]
    Damaged(String),
    /// The file has no graph.
    #[error("the ONNX file contains no graph")]
    NoGraph,
    /// A limit on nodes.
    #[error("the graph has {0} nodes; at most {max} are supported", max = spec::Graph::MAX_NODES)]
    Nodes(usize),
    /// The weights are in other files.
    #[error(
        "the weights of \"{0}\" are in a separate file; save the model as one file: onnx.save(onnx.load(\"model.onnx\"), \"one.onnx\", save_as_external_data=False)"
    )]
    ExternalData(String),
    /// The values of a tensor do not fit its shape.
    #[error(
        "the tensor \"{name}\" says it has the shape {shape:?}, but has another number of values"
    )]
    Values {
        /// Its name.
        name: String,
        /// Its shape.
        shape: Vec<i64>,
    },
    /// A type of elements that can't be used.
    #[error("the tensor \"{name}\" has elements of type {element}, which are not supported")]
    Element {
        /// Its name.
        name: String,
        /// The type's number.
        element: i32,
    },
    /// A tensor contains infinity or NaN.
    #[error("the tensor \"{0}\" contains values that are not finite")]
    NotFinite(String),
    /// Nodes that wait for each other, or for a value that nothing computes.
    #[error(
        "the node {node} reads \"{value}\", which nothing before it computes; the graph has a cycle or a missing part"
    )]
    Missing {
        /// The node.
        node: String,
        /// The value.
        value: String,
    },
    /// An operator that can't be computed here.
    #[error("the operator {operator} of the node {node} is not supported{advice}")]
    Operator {
        /// The operator.
        operator: String,
        /// The node.
        node: String,
        /// What to do, as the rest of the sentence.
        advice: String,
    },
    /// An operator that is supported, in a way that is not.
    #[error("the node {node} ({operator}): {reason}")]
    Node {
        /// The operator.
        operator: String,
        /// The node.
        node: String,
        /// What is wrong.
        reason: String,
    },
    /// The whole graph can't be computed.
    #[error("the graph can't be computed: {0}")]
    Graph(#[from] GraphError),
    /// Inputs and outputs are not those of a VAE.
    #[error("{0}. A decoder reads z and writes images. Export it from PyTorch with: {EXPORT_LINE}")]
    NoDecoder(String),
    /// Two files that are no decoder and encoder.
    #[error("the two files are not the decoder and the encoder of one model: {0}")]
    Pair(String),
    /// Something else about inputs and outputs.
    #[error("{0}")]
    Parts(String),
    /// The intermediate file is not one that [`convert`](crate::convert()) wrote.
    #[error("the converted model is damaged ({0}); import the ONNX file again")]
    Converted(String),
}
