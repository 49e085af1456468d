//! From the archive to tensors.

use crate::pickle::{self, Value};
use half::{bf16, f16};
use safetensors::{Dtype, tensor::TensorView};
use std::{
    collections::HashMap,
    io::{Cursor, Read},
};
use thiserror::Error;
use zip::ZipArchive;

/// The most bytes that the tensors of a checkpoint may have: 64 million single-precision numbers.
pub const MAX_BYTES: u64 = 256 << 20;
/// The most entries of an archive.
const MAX_ENTRIES: usize = 10_000;
/// The most bytes of a pickle: it holds names and shapes only.
const MAX_PICKLE: u64 = 16 << 20;
/// How deep dictionaries may lie in one another.
const MAX_DEPTH: usize = 8;

/// A tensor of a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its name, with the names of the dictionaries around it, joined by dots.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its values, row by row.
    pub values: Vec<f32>,
}

/// Bytes that are no checkpoint that can be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// No ZIP archive, or a damaged one.
    #[error(
        "this is no PyTorch checkpoint of version 1.6 or later, or it is damaged ({0}); save it again with torch.save(model.state_dict(), …)"
    )]
    NotAnArchive(String),
    /// The archive lacks the pickle or a tensor's bytes.
    #[error("the checkpoint has no {0}: it is damaged, or something else in a ZIP archive")]
    Missing(String),
    /// The archive or what it promises is too large.
    #[error("{what} has {found} bytes; the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: String,
        /// Its size.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// The pickle can't be followed.
    #[error(
        "the checkpoint's pickle can't be read: {0}. Save the state dict alone: torch.save(model.state_dict(), …)"
    )]
    Pickle(String),
    /// A tensor that contradicts itself or is of a type that is no float.
    #[error("the tensor \"{name}\" can't be used: {why}")]
    Tensor {
        /// Its name.
        name: String,
        /// Why not.
        why: String,
    },
    /// There are no tensors.
    #[error(
        "there are no tensors in the checkpoint; a whole model was saved? Use torch.save(model.state_dict(), …)"
    )]
    Empty,
}

/// Reads all tensors of a checkpoint.
///
/// # Errors
/// See [`CheckpointError`]. Nothing is allocated on the word of the file alone.
pub fn read(bytes: &[u8]) -> Result<Vec<Tensor>, CheckpointError> {
    let mut archive = Archive::open(bytes)?;
    let pickle = archive.pickle()?;
    let root = pickle::read(&pickle).map_err(|e| CheckpointError::Pickle(e.to_string()))?;
    let mut found = Vec::new();
    collect(&root, String::new(), 0, &mut found);
    if found.is_empty() {
        return Err(CheckpointError::Empty);
    }
    let mut total = 0_u64;
    found
        .into_iter()
        .map(|(name, arguments)| {
            let tensor = |why: String| CheckpointError::Tensor {
                name: name.clone(),
                why,
            };
            let layout = Layout::of(arguments).map_err(tensor)?;
            total = total.saturating_add(layout.count as u64 * 4);
            if total > MAX_BYTES {
                return Err(CheckpointError::TooLarge {
                    what: "the checkpoint".into(),
                    found: total,
                    limit: MAX_BYTES,
                });
            }
            let storage = archive.storage(&layout.key)?;
            let values = layout
                .values(storage)
                .map_err(|why| CheckpointError::Tensor {
                    name: name.clone(),
                    why,
                })?;
            Ok(Tensor {
                name,
                shape: layout.shape,
                values,
            })
        })
        .collect()
}

/// The tensors as a safetensors file.
///
/// # Errors
/// [`CheckpointError::Tensor`] when two have the same name or the like.
pub fn to_safetensors(tensors: &[Tensor]) -> Result<Vec<u8>, CheckpointError> {
    let stored: Vec<Vec<u8>> = tensors
        .iter()
        .map(|tensor| tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect())
        .collect();
    let failed = |name: &str, why: safetensors::SafeTensorError| CheckpointError::Tensor {
        name: name.to_owned(),
        why: why.to_string(),
    };
    let views = tensors
        .iter()
        .zip(&stored)
        .map(|(tensor, bytes)| {
            TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)
                .map(|view| (tensor.name.clone(), view))
                .map_err(|why| failed(&tensor.name, why))
        })
        .collect::<Result<Vec<_>, _>>()?;
    safetensors::serialize(views, None).map_err(|why| failed("all", why))
}

/// The archive, with the folder that torch puts everything in.
struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    folder: String,
    storages: HashMap<String, Vec<u8>>,
}

impl<'a> Archive<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, CheckpointError> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|e| CheckpointError::NotAnArchive(e.to_string()))?;
        if zip.len() > MAX_ENTRIES {
            return Err(CheckpointError::NotAnArchive(format!(
                "it has {} entries, more than {MAX_ENTRIES}",
                zip.len()
            )));
        }
        let folder = zip
            .file_names()
            .find_map(|name| name.strip_suffix("data.pkl"))
            .ok_or_else(|| CheckpointError::Missing("data.pkl".into()))?
            .to_owned();
        Ok(Self {
            zip,
            folder,
            storages: HashMap::new(),
        })
    }

    fn pickle(&mut self) -> Result<Vec<u8>, CheckpointError> {
        self.entry("data.pkl", MAX_PICKLE)
    }

    fn storage(&mut self, key: &str) -> Result<&[u8], CheckpointError> {
        if !self.storages.contains_key(key) {
            let bytes = self.entry(&format!("data/{key}"), MAX_BYTES)?;
            self.storages.insert(key.to_owned(), bytes);
        }
        Ok(self
            .storages
            .get(key)
            .map(Vec::as_slice)
            .unwrap_or_default())
    }

    fn entry(&mut self, name: &str, limit: u64) -> Result<Vec<u8>, CheckpointError> {
        let entry = self
            .zip
            .by_name(&format!("{}{name}", self.folder))
            .map_err(|_| CheckpointError::Missing(name.to_owned()))?;
        let too_large = |found| CheckpointError::TooLarge {
            what: name.to_owned(),
            found,
            limit,
        };
        if entry.size() > limit {
            return Err(too_large(entry.size()));
        }
        let mut bytes = Vec::new();
        // The header may lie: never more than the limit is unpacked.
        entry
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|e| CheckpointError::NotAnArchive(e.to_string()))?;
        if bytes.len() as u64 > limit {
            return Err(too_large(bytes.len() as u64));
        }
        Ok(bytes)
    }
}

/// Gathers the calls that rebuild tensors, with their names.
fn collect<'a>(
    value: &'a Value,
    name: String,
    depth: usize,
    found: &mut Vec<(String, &'a [Value])>,
) {
    match value {
        Value::Call(callee, arguments) => match callee.as_ref() {
            "torch._utils._rebuild_tensor_v2" | "torch._utils._rebuild_tensor" => {
                found.push((name, arguments));
            }
            "torch._utils._rebuild_parameter" => {
                if let Some(inner) = arguments.first().filter(|_| depth < MAX_DEPTH) {
                    collect(inner, name, depth + 1, found);
                }
            }
            _ => {}
        },
        Value::Dict(pairs) if depth < MAX_DEPTH => {
            for (key, value) in pairs.iter() {
                let Value::Str(key) = key else { continue };
                let name = if name.is_empty() {
                    key.to_string()
                } else {
                    format!("{name}.{key}")
                };
                collect(value, name, depth + 1, found);
            }
        }
        _ => {}
    }
}

/// How a tensor lies in its storage.
struct Layout {
    key: String,
    kind: Kind,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
    count: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    F16,
    Bf16,
    F32,
    F64,
}

impl Kind {
    fn size(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn value(self, bytes: &[u8]) -> f32 {
        let mut whole = [0; 8];
        whole[..self.size()].copy_from_slice(bytes);
        let [a, b, c, d, ..] = whole;
        match self {
            Self::F16 => f16::from_le_bytes([a, b]).to_f32(),
            Self::Bf16 => bf16::from_le_bytes([a, b]).to_f32(),
            Self::F32 => f32::from_le_bytes([a, b, c, d]),
            Self::F64 => f64::from_le_bytes(whole) as f32,
        }
    }
}

impl Layout {
    /// From the arguments of `_rebuild_tensor_v2`: storage, offset, shape, strides, …
    fn of(arguments: &[Value]) -> Result<Self, String> {
        let [
            Value::Persistent(storage),
            Value::Int(offset),
            shape,
            strides,
            ..,
        ] = arguments
        else {
            return Err("it is not stored as torch stores tensors".into());
        };
        let [_, Value::Global(kind), Value::Str(key), ..] = storage.as_slice() else {
            return Err("its storage is not described as torch does".into());
        };
        let kind = match kind.as_ref() {
            "torch.FloatStorage" => Kind::F32,
            "torch.DoubleStorage" => Kind::F64,
            "torch.HalfStorage" => Kind::F16,
            "torch.BFloat16Storage" => Kind::Bf16,
            other => return Err(format!("its type is {other}; only floats can be used")),
        };
        let (shape, strides) = (sizes(shape)?, sizes(strides)?);
        if shape.len() != strides.len() || shape.len() > 8 {
            return Err("its shape and strides do not fit each other".into());
        }
        let count = shape
            .iter()
            .try_fold(1_usize, |count, &size| count.checked_mul(size))
            .filter(|&count| count as u64 <= MAX_BYTES / 4)
            .ok_or_else(|| format!("its shape {shape:?} is beyond the limit"))?;
        Ok(Self {
            key: key.to_string(),
            kind,
            offset: usize::try_from(*offset).map_err(|_| "its offset is negative")?,
            shape,
            strides,
            count,
        })
    }

    /// The values, row by row, whatever the strides are.
    fn values(&self, storage: &[u8]) -> Result<Vec<f32>, String> {
        let size = self.kind.size();
        let mut values = Vec::with_capacity(self.count.min(storage.len() / size));
        let mut index = vec![0_usize; self.shape.len()];
        for _ in 0..self.count {
            let element = index
                .iter()
                .zip(&self.strides)
                .try_fold(self.offset, |at, (i, stride)| {
                    i.checked_mul(*stride).and_then(|step| at.checked_add(step))
                });
            let bytes = element
                .and_then(|element| element.checked_mul(size))
                .and_then(|start| storage.get(start..start.checked_add(size)?))
                .ok_or("its storage is shorter than its shape")?;
            values.push(self.kind.value(bytes));
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                if index[axis] < self.shape[axis] {
                    break;
                }
                index[axis] = 0;
            }
        }
        Ok(values)
    }
}

fn sizes(value: &Value) -> Result<Vec<usize>, String> {
    let Value::Sequence(values) = value else {
        return Err("its shape is no tuple".into());
    };
    values
        .iter()
        .map(|value| match value {
            Value::Int(size) => usize::try_from(*size).map_err(|_| "a size is negative".into()),
            _ => Err("a size is no number".into()),
        })
        .collect()
}
