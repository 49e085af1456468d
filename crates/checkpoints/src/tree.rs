//! The nested dictionaries and lists of a checkpoint that contain weights.

use crate::{
    CheckpointError,
    limits::MAX_TENSORS,
    pickle::{Pickle, Value},
    rebuild::{Found, TensorReference, tensor},
};

/// Maximum nesting depth.
const MAX_DEPTH: usize = 12;
/// Maximum number of nodes: a value that is referred to many times counts each time.
const MAX_NODES: usize = 200_000;
/// Maximum length of a key, in bytes: a short file can refer to a long one many times.
const MAX_KEY: usize = 512;

/// A tensor, or a dictionary or list with tensors in it.
#[derive(Debug)]
pub(crate) enum Node {
    Tensor(TensorReference),
    /// A tensor that can't be read, and why.
    Unreadable(String),
    /// The entries of a dictionary or list, in its order.
    Branch(Vec<(String, Node)>),
}

impl Node {
    /// Builds the tree of a pickle's value without optimizer states, counters and settings; `None` if no tensor is left.
    ///
    /// # Errors
    /// [`CheckpointError::TooManyTensors`]
    pub(crate) fn of(pickle: &Pickle) -> Result<Option<Self>, CheckpointError> {
        let mut budget = MAX_NODES;
        let root = node(pickle, &pickle.root, 0, &mut budget);
        let tensors = root.as_ref().map_or(0, Self::tensors);
        if budget == 0 || tensors > MAX_TENSORS {
            return Err(CheckpointError::TooManyTensors);
        }
        Ok(root)
    }

    /// Number of tensors.
    fn tensors(&self) -> usize {
        match self {
            Self::Tensor(_) | Self::Unreadable(_) => 1,
            Self::Branch(entries) => entries.iter().map(|(_, node)| node.tensors()).sum(),
        }
    }

    /// All tensors, with their keys joined by dots.
    pub(crate) fn flatten(self) -> Vec<(String, Result<TensorReference, String>)> {
        let mut found = Vec::new();
        self.flatten_into(String::new(), &mut found);
        found
    }

    fn flatten_into(
        self,
        name: String,
        found: &mut Vec<(String, Result<TensorReference, String>)>,
    ) {
        match self {
            Self::Tensor(tensor) => found.push((name, Ok(tensor))),
            Self::Unreadable(reason) => found.push((name, Err(reason))),
            Self::Branch(entries) => {
                for (key, node) in entries {
                    let name = match name.is_empty() {
                        true => key,
                        false => format!("{name}.{key}"),
                    };
                    node.flatten_into(name, found);
                }
            }
        }
    }
}

fn node(pickle: &Pickle, value: &Value, depth: usize, budget: &mut usize) -> Option<Node> {
    if depth > MAX_DEPTH || *budget == 0 {
        return None;
    }
    *budget -= 1;
    let entries: Vec<(String, Node)> = match value {
        Value::Object(_) => {
            return match tensor(pickle, value) {
                Found::Tensor(reference) => Some(Node::Tensor(reference)),
                Found::Unreadable(reason) => Some(Node::Unreadable(reason)),
                Found::Counter | Found::Other => None,
            };
        }
        Value::Dict(dict) => pickle
            .dict(*dict)
            .iter()
            .filter_map(|(key, value)| {
                let number;
                let key = match key {
                    Value::Str(key) => &**key,
                    Value::Int(key) => {
                        number = key.to_string();
                        &number
                    }
                    _ => return None,
                };
                let node = node(pickle, value, depth + 1, budget)?;
                if key.len() > MAX_KEY {
                    let reason =
                        format!("its name has {} bytes; the limit is {MAX_KEY}", key.len());
                    let start = key.chars().take(40).collect();
                    return Some((start, Node::Unreadable(reason)));
                }
                let is_branch = matches!(node, Node::Branch(_));
                (!(is_branch && is_training_state(key))).then(|| (key.to_owned(), node))
            })
            .collect(),
        Value::Sequence(list) => pickle
            .sequence(*list)
            .iter()
            .enumerate()
            .filter_map(|(index, value)| {
                Some((index.to_string(), node(pickle, value, depth + 1, budget)?))
            })
            .collect(),
        _ => return None,
    };
    (!entries.is_empty()).then_some(Node::Branch(entries))
}

/// Whether a dictionary or list of this name holds what a training run needs beside the weights.
fn is_training_state(key: &str) -> bool {
    const PREFIXES: [&str; 20] = [
        "optim", "opt_", "lr_", "sched", "scaler", "amp", "rng", "random", "callback", "loops",
        "hyper", "hparam", "config", "cfg", "args", "metric", "history", "loss", "grad", "dataset",
    ];
    let key = key.to_lowercase();
    key == "opt"
        || PREFIXES.iter().any(|prefix| key.starts_with(prefix))
        || [
            "_optimizer",
            "_optim",
            "_scheduler",
            "_optimizer_state_dict",
            "_opt",
        ]
        .iter()
        .any(|suffix| key.ends_with(suffix))
}
