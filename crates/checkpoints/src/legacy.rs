//! The format of `torch.save` before PyTorch 1.6: several pickles one after another, and the storages behind them.

use crate::{
    CheckpointError,
    foreign::Foreign,
    pickle::{self, Pickle, Value},
    tensor::Storage,
};
use std::{collections::HashMap, ops::Range, sync::Arc};

/// A pickle begins with the version of its protocol.
const PROTOCOL: u8 = 0x80;
/// The first pickle: the number 0x1950a86a20f9469cfc6c in ten bytes, by protocol 2 or later.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/// Where the number begins: behind the protocol, and the instruction with its length.
const MAGIC_AT: Range<usize> = 4..14;

/// A file in the old format.
pub(crate) struct Legacy<'a> {
    bytes: &'a [u8],
    pub(crate) contents: Pickle,
    big_endian: bool,
    storages: HashMap<String, Range<usize>>,
    read: HashMap<String, Arc<Vec<u8>>>,
}

/// Whether these bytes begin with a pickle.
pub(crate) fn is_pickle(bytes: &[u8]) -> bool {
    matches!(bytes, [PROTOCOL, 1..=5, ..])
}

impl<'a> Legacy<'a> {
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, CheckpointError> {
        if bytes.get(MAGIC_AT) != Some(&MAGIC[..]) {
            return Err(CheckpointError::Foreign(Foreign::Pickle));
        }
        let mut at = 0;
        let mut next = || {
            let rest = bytes.get(at..).unwrap_or_default();
            let pickle =
                pickle::read(rest).map_err(|error| CheckpointError::Pickle(error.to_string()))?;
            at += pickle.length;
            Ok(pickle)
        };
        let (_magic, _version, system, contents, keys) =
            (next()?, next()?, next()?, next()?, next()?);
        let big_endian = match system.root {
            Value::Dict(dict) => system.dict(dict).iter().any(|(key, value)| {
                matches!((key, value), (Value::Str(key), Value::Int(0)) if &**key == "little_endian")
            }),
            _ => false,
        };
        let sizes = element_sizes(&contents);
        let Value::Sequence(keys_list) = keys.root else {
            return Err(CheckpointError::Missing("list of storages".into()));
        };
        let mut storages = HashMap::new();
        for key in keys.sequence(keys_list) {
            let Value::Str(key) = key else { continue };
            let missing = || CheckpointError::Missing(format!("storage {key}"));
            let header = bytes.get(at..at + 8).ok_or_else(missing)?;
            let mut count = [0; 8];
            count.copy_from_slice(header);
            let count = match big_endian {
                true => u64::from_be_bytes(count),
                false => u64::from_le_bytes(count),
            };
            // A storage that nothing refers to has an unknown size, so that the next can't be found.
            let size = sizes.get(&**key).ok_or_else(missing)?;
            let end = usize::try_from(count)
                .ok()
                .and_then(|count| count.checked_mul(*size))
                .and_then(|length| length.checked_add(at + 8))
                .filter(|&end| end <= bytes.len())
                .ok_or_else(|| CheckpointError::Damaged(format!("storage {key} is cut off")))?;
            storages.insert(key.to_string(), at + 8..end);
            at = end;
        }
        Ok(Self {
            bytes,
            contents,
            big_endian,
            storages,
            read: HashMap::new(),
        })
    }

    pub(crate) fn storage(&mut self, key: &str) -> Result<Storage, CheckpointError> {
        let missing = || CheckpointError::Missing(format!("storage {key}"));
        let bytes = match self.read.get(key) {
            Some(bytes) => Arc::clone(bytes),
            None => {
                let range = self.storages.get(key).cloned().ok_or_else(missing)?;
                let bytes = Arc::new(self.bytes.get(range).ok_or_else(missing)?.to_vec());
                self.read.insert(key.to_owned(), Arc::clone(&bytes));
                bytes
            }
        };
        Ok(Storage {
            bytes,
            big_endian: self.big_endian,
        })
    }
}

/// Bytes per element of each storage that the pickle refers to.
fn element_sizes(pickle: &Pickle) -> HashMap<String, usize> {
    pickle
        .sequences()
        .filter_map(|id| match id {
            [
                Value::Str(kind),
                Value::Global(storage_type),
                Value::Str(key),
                ..,
            ] if &**kind == "storage" => {
                let name = storage_type.rsplit('.').next().unwrap_or_default();
                let size = match name {
                    "DoubleStorage" | "LongStorage" | "ComplexFloatStorage" => 8,
                    "ComplexDoubleStorage" => 16,
                    "FloatStorage" | "IntStorage" | "QInt32Storage" => 4,
                    "HalfStorage" | "BFloat16Storage" | "ShortStorage" => 2,
                    _ => 1,
                };
                Some((key.to_string(), size))
            }
            _ => None,
        })
        .collect()
}
