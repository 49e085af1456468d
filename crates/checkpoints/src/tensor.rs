//! Tensors: a layout over bytes, read as `f32` on demand.

use crate::CheckpointError;
use half::{bf16, f16};
use std::sync::Arc;

/// Maximum size of all tensors of a state dict as `f32`, in bytes: 64 million elements.
pub const MAX_BYTES: u64 = 256 << 20;
/// Maximum number of axes of a tensor.
const MAX_AXES: usize = 8;

/// A tensor of a state dict. Clones share the bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// The keys of the enclosing dictionaries within the state dict and its own, joined by dots.
    pub name: String,
    /// The size of each dimension.
    pub shape: Vec<usize>,
    /// The type of the stored elements.
    pub element_type: ElementType,
    storage: Storage,
    offset: usize,
    strides: Vec<usize>,
}

impl Tensor {
    /// A tensor over these bytes.
    ///
    /// # Errors
    /// [`CheckpointError::Tensor`] if the bytes are too few for the layout.
    pub(crate) fn new(
        name: String,
        layout: Layout,
        storage: Storage,
    ) -> Result<Self, CheckpointError> {
        let Layout {
            element_type,
            offset,
            shape,
            strides,
        } = layout;
        let last = shape
            .iter()
            .zip(&strides)
            .try_fold(offset, |at, (&size, &stride)| {
                at.checked_add(size.checked_sub(1)?.checked_mul(stride)?)
            });
        let is_empty = shape.contains(&0);
        let end = last
            .and_then(|last| last.checked_add(1))
            .and_then(|count| count.checked_mul(element_type.size()));
        if !is_empty && end.is_none_or(|end| end > storage.bytes.len()) {
            return Err(CheckpointError::Tensor {
                name,
                reason: "its storage is shorter than its shape".into(),
            });
        }
        Ok(Self {
            name,
            shape,
            element_type,
            storage,
            offset,
            strides,
        })
    }

    /// A tensor of these values, `[shape]` in row-major order.
    ///
    /// # Panics
    /// If the number of values is not that of the shape.
    pub fn from_values(name: impl Into<String>, shape: Vec<usize>, values: &[f32]) -> Self {
        assert_eq!(
            shape.iter().product::<usize>(),
            values.len(),
            "values of the shape"
        );
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        Self {
            name: name.into(),
            strides: row_major(&shape),
            shape,
            element_type: ElementType::F32,
            storage: Storage {
                bytes: Arc::new(bytes),
                big_endian: false,
            },
            offset: 0,
        }
    }

    /// The tensor under another name.
    pub(crate) fn renamed(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// Number of elements.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    /// The elements in row-major order, converted to `f32`.
    pub fn values(&self) -> Vec<f32> {
        let size = self.element_type.size();
        let mut values = Vec::with_capacity(self.count());
        let mut index = vec![0_usize; self.shape.len()];
        for _ in 0..self.count() {
            let at: usize = index.iter().zip(&self.strides).map(|(i, s)| i * s).sum();
            let start = (self.offset + at) * size;
            // `new` has checked that all elements are within the storage.
            let bytes = self.storage.bytes.get(start..start + size);
            values.push(bytes.map_or(f32::NAN, |bytes| {
                self.element_type.decode(bytes, self.storage.big_endian)
            }));
            for axis in (0..index.len()).rev() {
                index[axis] += 1;
                if index[axis] < self.shape[axis] {
                    break;
                }
                index[axis] = 0;
            }
        }
        values
    }
}

/// The bytes of one or more tensors.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Storage {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) big_endian: bool,
}

/// The layout of a tensor in its storage, in elements.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layout {
    pub(crate) element_type: ElementType,
    pub(crate) offset: usize,
    pub(crate) shape: Vec<usize>,
    pub(crate) strides: Vec<usize>,
}

impl Layout {
    /// Number of elements.
    pub(crate) fn count(&self) -> usize {
        self.shape
            .iter()
            .fold(1, |count, &size| count.saturating_mul(size))
    }

    /// Checks the number of axes and of elements.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn validate(&self) -> Result<(), String> {
        if self.shape.len() != self.strides.len() || self.shape.len() > MAX_AXES {
            return Err("its shape and strides are inconsistent".into());
        }
        self.shape
            .iter()
            .try_fold(1_usize, |count, &size| count.checked_mul(size))
            .filter(|&count| count as u64 <= MAX_BYTES / 4)
            .map(|_| ())
            .ok_or_else(|| format!("its shape {:?} exceeds the limit", self.shape))
    }
}

/// The strides of a row-major tensor.
pub(crate) fn row_major(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1_usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis]);
    }
    strides
}

/// The type of stored elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementType {
    /// IEEE half precision.
    F16,
    /// The upper half of IEEE single precision.
    Bf16,
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
}

impl ElementType {
    /// Bytes per element.
    pub fn size(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    fn decode(self, bytes: &[u8], big_endian: bool) -> f32 {
        let mut padded = [0; 8];
        let size = self.size();
        padded[..size].copy_from_slice(bytes);
        if big_endian {
            padded[..size].reverse();
        }
        let [a, b, c, d, ..] = padded;
        match self {
            Self::F16 => f16::from_le_bytes([a, b]).to_f32(),
            Self::Bf16 => bf16::from_le_bytes([a, b]).to_f32(),
            Self::F32 => f32::from_le_bytes([a, b, c, d]),
            Self::F64 => f64::from_le_bytes(padded) as f32,
        }
    }
}
