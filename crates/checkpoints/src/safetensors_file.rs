//! Files of safetensors.

use crate::{
    CheckpointError, StateDict, Tensor,
    choice::{Choice, Entries, HasShape, choices_of_names},
    limits::MAX_TENSORS,
    tensor::{ElementType, Layout, Storage, row_major},
};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The entry of the file's metadata with the names of the tensors in their original order, one a line.
const ORDER: &str = "order";
/// The entry with the keys of several state dicts, one a line. The names of their tensors begin with a number and a slash.
const KEYS: &str = "keys";

impl HasShape for Tensor {
    fn shape(&self) -> &[usize] {
        &self.shape
    }
}

/// Whether these bytes begin as a safetensors file does: with the length of a header, which is JSON.
pub(crate) fn is_safetensors(bytes: &[u8]) -> bool {
    bytes.len() > 8 && bytes[8..].trim_ascii_start().starts_with(b"{") && bytes[6..8] == [0, 0]
}

/// Reads the state dicts of a safetensors file; the suggested one is first.
///
/// # Errors
/// [`CheckpointError`]. Memory is allocated for bytes that are present, not for declared sizes.
pub fn read_safetensors(bytes: &[u8]) -> Result<Vec<StateDict>, CheckpointError> {
    let damaged = |error: safetensors::SafeTensorError| {
        CheckpointError::Damaged(format!("not a valid safetensors file: {error}"))
    };
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let order: HashMap<&str, usize> = header
        .metadata()
        .as_ref()
        .and_then(|entries| entries.get(ORDER))
        .map(|names| {
            names
                .lines()
                .enumerate()
                .map(|(at, name)| (name, at))
                .collect()
        })
        .unwrap_or_default();
    let mut names = header.offset_keys();
    names.sort_by_key(|name| order.get(name.as_str()).copied().unwrap_or(usize::MAX));
    let mut entries: Entries<Tensor> = Vec::new();
    for name in names {
        let view = file.tensor(&name).map_err(damaged)?;
        if let Some(tensor) = tensor(&name, &view) {
            entries.push((name, tensor));
        }
    }
    let keys = header
        .metadata()
        .as_ref()
        .and_then(|entries| entries.get(KEYS));
    if entries.len() > MAX_TENSORS {
        return Err(CheckpointError::TooManyTensors);
    }
    let choices = match keys {
        Some(keys) => separated(keys, entries),
        None => choices_of_names(entries),
    };
    choices
        .into_iter()
        .map(|Choice { key, entries }| StateDict::new(key, entries))
        .collect()
}

/// The tensor, or why it can't be used; `None` for integers and for tensors without axes.
fn tensor(name: &str, view: &TensorView<'_>) -> Option<Result<Tensor, String>> {
    let element_type = match view.dtype() {
        Dtype::F16 => ElementType::F16,
        Dtype::BF16 => ElementType::Bf16,
        Dtype::F32 => ElementType::F32,
        Dtype::F64 => ElementType::F64,
        Dtype::BOOL
        | Dtype::U8
        | Dtype::I8
        | Dtype::I16
        | Dtype::U16
        | Dtype::I32
        | Dtype::U32
        | Dtype::I64
        | Dtype::U64 => return None,
        other => {
            return Some(Err(format!(
                "its type is {other:?}; only F64, F32, F16 and BF16 can be used"
            )));
        }
    };
    if view.shape().is_empty() {
        return None;
    }
    let layout = Layout {
        element_type,
        offset: 0,
        strides: row_major(view.shape()),
        shape: view.shape().to_vec(),
    };
    if let Err(reason) = layout.validate() {
        return Some(Err(reason));
    }
    let storage = Storage {
        bytes: Arc::new(view.data().to_vec()),
        big_endian: false,
    };
    Some(Tensor::new(name.to_owned(), layout, storage).map_err(|error| error.to_string()))
}

/// The state dicts of a file that has several: those whose names begin with 0/, 1/ and so on.
fn separated(keys: &str, entries: Entries<Tensor>) -> Vec<Choice<Tensor>> {
    let mut choices: Vec<Choice<Tensor>> = keys
        .lines()
        .map(|key| Choice {
            key: key.to_owned(),
            entries: Vec::new(),
        })
        .collect();
    for (name, tensor) in entries {
        let numbered = name.split_once('/');
        let numbered = numbered.and_then(|(at, name)| Some((at.parse::<usize>().ok()?, name)));
        if let Some((at, name)) = numbered
            && let Some(choice) = choices.get_mut(at)
        {
            choice.entries.push((name.to_owned(), tensor));
        }
    }
    choices
}

/// Writes state dicts as a safetensors file in single precision, with their keys and the order of their tensors.
/// [`read_safetensors`] reads the same dicts.
///
/// # Errors
/// [`CheckpointError::Tensor`] if a tensor cannot be represented, for example because two have the same
/// name.
pub fn to_safetensors(dicts: &[StateDict]) -> Result<Vec<u8>, CheckpointError> {
    let named: Vec<(String, &Tensor)> = dicts
        .iter()
        .enumerate()
        .flat_map(|(at, dict)| {
            dict.tensors.iter().map(move |tensor| {
                let name = match dicts.len() {
                    1 => tensor.name.clone(),
                    _ => format!("{at}/{}", tensor.name),
                };
                (name, tensor)
            })
        })
        .collect();
    let mut known = HashSet::new();
    if let Some((name, _)) = named.iter().find(|(name, _)| !known.insert(name)) {
        return Err(CheckpointError::Tensor {
            name: name.clone(),
            reason: "the file has two tensors of this name".to_owned(),
        });
    }
    let stored: Vec<Vec<u8>> = named
        .iter()
        .map(|(_, tensor)| {
            let values = tensor.values();
            values.iter().flat_map(|v| v.to_le_bytes()).collect()
        })
        .collect();
    let tensor_error = |name: &str, error: safetensors::SafeTensorError| CheckpointError::Tensor {
        name: name.to_owned(),
        reason: error.to_string(),
    };
    let views = named
        .iter()
        .zip(&stored)
        .map(|((name, tensor), bytes)| {
            TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)
                .map(|view| (name.clone(), view))
                .map_err(|error| tensor_error(name, error))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let names: Vec<_> = named.iter().map(|(name, _)| name.as_str()).collect();
    let mut metadata = HashMap::from([(ORDER.to_owned(), names.join("\n"))]);
    if dicts.len() > 1 {
        let keys: Vec<_> = dicts.iter().map(|dict| dict.key.as_str()).collect();
        metadata.insert(KEYS.to_owned(), keys.join("\n"));
    }
    safetensors::serialize(views, Some(metadata)).map_err(|error| tensor_error("all", error))
}
