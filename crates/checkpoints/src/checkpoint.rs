//! Reads the tensors of a checkpoint archive.

use crate::pickle::{self, Value};
use half::{bf16, f16};
use safetensors::{Dtype, tensor::TensorView};
use std::{
    collections::HashMap,
    io::{Cursor, Read},
};
use thiserror::Error;
use zip::ZipArchive;

/// Maximum size of all tensors as `f32`, in bytes: 64 million elements.
pub const MAX_BYTES: u64 = 256 << 20;
/// Maximum number of entries of the archive.
const MAX_ENTRIES: usize = 10_000;
/// Maximum size of the pickle, in bytes; it contains names and shapes only.
const MAX_PICKLE: u64 = 16 << 20;
/// Maximum nesting depth of dictionaries.
const MAX_DEPTH: usize = 8;

/// A tensor of a checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// The keys of the enclosing dictionaries and its own, joined by dots.
    pub name: String,
    /// The size of each dimension.
    pub shape: Vec<usize>,
    /// The elements in row-major order.
    pub values: Vec<f32>,
}

/// Why bytes cannot be read as a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// Not a ZIP archive, or a damaged one.
    #[error(
        "this is not a checkpoint of PyTorch 1.6 or later, or it is damaged ({0}); save it again with torch.save(model.state_dict(), …)"
    )]
    NotAnArchive(String),
    /// The archive lacks the pickle or the bytes of a tensor.
    #[error("the ZIP archive has no {0}: it is damaged, or not a PyTorch checkpoint")]
    Missing(String),
    /// A part of the archive, or all tensors together, exceed a limit.
    #[error("{what} has {found} bytes; the limit is {limit}")]
    TooLarge {
        /// Which part.
        what: String,
        /// Its size, in bytes.
        found: u64,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The pickle can't be interpreted.
    #[error(
        "the checkpoint's pickle can't be read: {0}. Save the state dict alone: torch.save(model.state_dict(), …)"
    )]
    Pickle(String),
    /// A tensor is inconsistent, or its element type is not floating-point.
    #[error("the tensor \"{name}\" can't be used: {reason}")]
    Tensor {
        /// The tensor's name.
        name: String,
        /// Why it can't be used.
        reason: String,
    },
    /// The checkpoint contains no tensors.
    #[error(
        "the checkpoint contains no tensors; if a whole model was saved, use torch.save(model.state_dict(), …) instead"
    )]
    Empty,
}

/// Reads all tensors of a checkpoint.
///
/// # Errors
/// [`CheckpointError`]. Memory is allocated for bytes that are present, not for declared sizes.
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
            let tensor_error = |reason: String| CheckpointError::Tensor {
                name: name.clone(),
                reason,
            };
            let layout = Layout::from_arguments(arguments).map_err(tensor_error)?;
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
                .map_err(|reason| CheckpointError::Tensor {
                    name: name.clone(),
                    reason,
                })?;
            Ok(Tensor {
                name,
                shape: layout.shape,
                values,
            })
        })
        .collect()
}

/// Writes tensors as a safetensors file.
///
/// # Errors
/// [`CheckpointError::Tensor`] if a tensor cannot be represented, for example because two have the same
/// name.
pub fn to_safetensors(tensors: &[Tensor]) -> Result<Vec<u8>, CheckpointError> {
    let stored: Vec<Vec<u8>> = tensors
        .iter()
        .map(|tensor| tensor.values.iter().flat_map(|v| v.to_le_bytes()).collect())
        .collect();
    let tensor_error = |name: &str, error: safetensors::SafeTensorError| CheckpointError::Tensor {
        name: name.to_owned(),
        reason: error.to_string(),
    };
    let views = tensors
        .iter()
        .zip(&stored)
        .map(|(tensor, bytes)| {
            TensorView::new(Dtype::F32, tensor.shape.clone(), bytes)
                .map(|view| (tensor.name.clone(), view))
                .map_err(|error| tensor_error(&tensor.name, error))
        })
        .collect::<Result<Vec<_>, _>>()?;
    safetensors::serialize(views, None).map_err(|error| tensor_error("all", error))
}

/// The ZIP archive, the folder in it that PyTorch writes everything to, and the storages read so far.
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
        // The declared size may be wrong: never decompress more than the limit.
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

/// Collects the arguments of the calls that rebuild tensors, with the tensors' names.
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

/// The layout of a tensor in its storage.
struct Layout {
    /// Name of the storage in the archive.
    key: String,
    element_type: ElementType,
    /// In elements, as are `strides` and `count`.
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
    count: usize,
}

#[derive(Clone, Copy)]
enum ElementType {
    F16,
    Bf16,
    F32,
    F64,
}

impl ElementType {
    /// Bytes per element.
    fn size(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn decode(self, bytes: &[u8]) -> f32 {
        let mut padded = [0; 8];
        padded[..self.size()].copy_from_slice(bytes);
        let [a, b, c, d, ..] = padded;
        match self {
            Self::F16 => f16::from_le_bytes([a, b]).to_f32(),
            Self::Bf16 => bf16::from_le_bytes([a, b]).to_f32(),
            Self::F32 => f32::from_le_bytes([a, b, c, d]),
            Self::F64 => f64::from_le_bytes(padded) as f32,
        }
    }
}

impl Layout {
    /// Reads the arguments of `_rebuild_tensor_v2`: storage, offset, shape, strides, …
    fn from_arguments(arguments: &[Value]) -> Result<Self, String> {
        let [
            Value::Persistent(storage),
            Value::Int(offset),
            shape,
            strides,
            ..,
        ] = arguments
        else {
            return Err("it is not stored in PyTorch's tensor format".into());
        };
        let [_, Value::Global(storage_type), Value::Str(key), ..] = storage.as_slice() else {
            return Err("its storage is not in PyTorch's format".into());
        };
        let element_type = match storage_type.as_ref() {
            "torch.FloatStorage" => ElementType::F32,
            "torch.DoubleStorage" => ElementType::F64,
            "torch.HalfStorage" => ElementType::F16,
            "torch.BFloat16Storage" => ElementType::Bf16,
            other => {
                return Err(format!(
                    "its type is {other}; only floating-point types can be used"
                ));
            }
        };
        let (shape, strides) = (sizes(shape)?, sizes(strides)?);
        if shape.len() != strides.len() || shape.len() > 8 {
            return Err("its shape and strides are inconsistent".into());
        }
        let count = shape
            .iter()
            .try_fold(1_usize, |count, &size| count.checked_mul(size))
            .filter(|&count| count as u64 <= MAX_BYTES / 4)
            .ok_or_else(|| format!("its shape {shape:?} exceeds the limit"))?;
        Ok(Self {
            key: key.to_string(),
            element_type,
            offset: usize::try_from(*offset).map_err(|_| "its offset is negative")?,
            shape,
            strides,
            count,
        })
    }

    /// The elements in row-major order, for any strides.
    fn values(&self, storage: &[u8]) -> Result<Vec<f32>, String> {
        let size = self.element_type.size();
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
            values.push(self.element_type.decode(bytes));
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
        return Err("its shape is not a tuple".into());
    };
    values
        .iter()
        .map(|value| match value {
            Value::Int(size) => usize::try_from(*size).map_err(|_| "a size is negative".into()),
            _ => Err("a size is not an integer".into()),
        })
        .collect()
}
