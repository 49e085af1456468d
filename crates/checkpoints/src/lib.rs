//! Reads the weights of other programs, as `torch.save(model.state_dict(), "vae.pt")` or safetensors write them, into
//! named tensors.
//!
//! A checkpoint of PyTorch is a ZIP archive with a pickle and the bytes of the tensors, or, before PyTorch 1.6, several
//! pickles with the bytes behind them. A pickle is a program; this crate interprets the instructions that checkpoints
//! consist of and calls nothing. Any other object in the pickle becomes an opaque value.
//!
//! The state dict is found in nested dictionaries and lists: optimizer states, counters and settings are ignored, and so
//! are the prefixes of wrappers. A file of another kind is identified, and the error says how to make a readable one.
//!
//! Depends on neither burn nor the web and opens no files: bytes in, tensors out. (burn's own reader
//! needs a file.)

mod archive;
mod choice;
mod error;
mod foreign;
mod legacy;
mod limits;
mod names;
mod pickle;
mod rebuild;
mod safetensors_file;
mod state_dict;
mod tensor;
mod tree;

pub use error::CheckpointError;
pub use foreign::Foreign;
pub use safetensors_file::{read_safetensors, to_safetensors};
pub use state_dict::StateDict;
pub use tensor::{ElementType, MAX_BYTES, Tensor};

use archive::Archive;
use choice::Choice;
use legacy::Legacy;
use pickle::{Pickle, Value};
use rebuild::TensorReference;
use std::collections::BTreeMap;
use tensor::Storage;
use tree::Node;

/// Reads the state dicts of a file: the suggested one first, then copies of it, such as a moving average of the weights.
/// There is at least one.
///
/// # Errors
/// [`CheckpointError`]. Memory is allocated for bytes that are present, not for declared sizes.
pub fn read(bytes: &[u8]) -> Result<Vec<StateDict>, CheckpointError> {
    if safetensors_file::is_safetensors(bytes) {
        return read_safetensors(bytes);
    }
    if let Some(kind) = Foreign::identify(bytes) {
        return Err(CheckpointError::Foreign(kind));
    }
    if legacy::is_pickle(bytes) {
        let mut file = Legacy::open(bytes)?;
        let choices = choices(&file.contents)?;
        return state_dicts(choices, |key| file.storage(key));
    }
    if bytes.starts_with(b"PK") {
        let mut archive = Archive::open(bytes)?;
        let pickle = archive.pickle()?;
        let pickle = pickle::read(&pickle).map_err(|e| CheckpointError::Pickle(e.to_string()))?;
        let choices = choices(&pickle)?;
        return state_dicts(choices, |key| archive.storage(key));
    }
    Err(CheckpointError::Foreign(Foreign::Unknown))
}

/// Reads the state dicts of two files as one: each tensor's name begins with its file's name, without the ending.
///
/// # Errors
/// As [`read`].
pub fn read_pair(files: [(&str, &[u8]); 2]) -> Result<Vec<StateDict>, CheckpointError> {
    let mut entries = Vec::new();
    for (at, (name, bytes)) in files.into_iter().enumerate() {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let part = stem.replace('.', "_");
        let dict = read(bytes)?
            .into_iter()
            .next()
            .ok_or(CheckpointError::Empty)?;
        // Two files of one name, from two folders.
        let part = match at {
            1 if entries
                .iter()
                .any(|(name, _): &(String, _)| name.starts_with(&format!("{part}."))) =>
            {
                format!("{part}2")
            }
            _ => part,
        };
        let named = dict
            .tensors
            .into_iter()
            .map(|tensor| (format!("{part}.{}", tensor.name), Ok(tensor)));
        entries.extend(named);
    }
    Ok(vec![StateDict::new(String::new(), entries)?])
}

/// The state dicts that a pickle refers to.
fn choices(pickle: &Pickle) -> Result<Vec<Choice<TensorReference>>, CheckpointError> {
    let found = Node::of(pickle)?.map_or_else(Vec::new, choice::choices);
    match found.iter().all(|choice| choice.entries.is_empty()) {
        false => Ok(found),
        true => Err(match module_class(pickle) {
            Some(class) => CheckpointError::WholeModule { class },
            None => CheckpointError::Empty,
        }),
    }
}

/// The class of the first object with parts, as a pickled module has.
fn module_class(pickle: &Pickle) -> Option<String> {
    let is_module = |state: &Option<Value>| match state {
        Some(Value::Dict(state)) => pickle
            .dict(*state)
            .iter()
            .any(|(key, _)| matches!(key, Value::Str(key) if &**key == "_modules")),
        _ => false,
    };
    // Parts are built before the whole.
    let mut modules = pickle.objects().filter(|object| is_module(&object.state));
    let first = modules.next()?;
    Some(match pickle.root {
        Value::Object(root) => pickle
            .object(root)
            .map_or_else(|| first.callee.to_string(), |root| root.callee.to_string()),
        _ => first.callee.to_string(),
    })
}

/// The size in bytes up to which tensors may be larger than what is stored for them, as constants that repeat one value are.
const MIN_REPETITION_BYTES: u64 = 16 << 20;
/// Beyond that, how many times as large as what is stored all tensors together may be.
const MAX_REPETITION: u64 = 16;

/// Reads the storages of the tensors.
fn state_dicts(
    choices: Vec<Choice<TensorReference>>,
    mut storage: impl FnMut(&str) -> Result<Storage, CheckpointError>,
) -> Result<Vec<StateDict>, CheckpointError> {
    check_repetition(&choices, &mut storage)?;
    choices
        .into_iter()
        .map(|Choice { key, entries }| {
            let tensors = entries
                .into_iter()
                .map(|(name, reference)| match reference {
                    Ok(TensorReference {
                        storage: key,
                        layout,
                    }) => {
                        let tensor = Tensor::new(name.clone(), layout, storage(&key)?)?;
                        Ok((name, Ok(tensor)))
                    }
                    Err(reason) => Ok((name, Err(reason))),
                })
                .collect::<Result<Vec<_>, CheckpointError>>()?;
            StateDict::new(key, tensors)
        })
        .collect()
}

/// Checks that a short file does not become long: a tensor can repeat what is stored any number of times.
fn check_repetition(
    choices: &[Choice<TensorReference>],
    storage: &mut impl FnMut(&str) -> Result<Storage, CheckpointError>,
) -> Result<(), CheckpointError> {
    let entries = choices.iter().flat_map(|choice| &choice.entries);
    let references = entries.filter_map(|(_, reference)| reference.as_ref().ok());
    let (mut found, mut stored) = (0_u64, BTreeMap::new());
    for reference in references {
        found = found.saturating_add(4 * reference.layout.count() as u64);
        if !stored.contains_key(reference.storage.as_str()) {
            let bytes = storage(&reference.storage)?.bytes.len() as u64;
            stored.insert(reference.storage.as_str(), bytes);
        }
    }
    let stored: u64 = stored.values().sum();
    let limit = stored
        .saturating_mul(MAX_REPETITION)
        .max(MIN_REPETITION_BYTES);
    let limit = limit.min(2 * MAX_BYTES);
    match found <= limit {
        true => Ok(()),
        false => Err(CheckpointError::TooLarge {
            what: "what the file's state dicts repeat of its tensors".to_owned(),
            found,
            limit,
        }),
    }
}
