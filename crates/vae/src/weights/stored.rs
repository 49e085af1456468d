//! The values of stored tensors: half or single precision, or int8 with a scale for each row.

use super::WeightsError;
use burn::tensor::f16;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};

/// What the name of the tensor with an int8 tensor's scales ends in. It has one value for each row, in single precision.
pub(super) const SCALE: &str = ".scale";

/// The tensors of a safetensors file.
pub(super) struct StoredTensors<'a>(SafeTensors<'a>);

impl<'a> StoredTensors<'a> {
    /// Reads the header of a file.
    ///
    /// # Errors
    /// [`WeightsError::NotSafetensors`].
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, WeightsError> {
        let tensors = SafeTensors::deserialize(bytes);
        tensors
            .map(Self)
            .map_err(|error| WeightsError::NotSafetensors {
                reason: error.to_string(),
            })
    }

    /// Names and shapes of all tensors but the scales of int8 tensors.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (String, Vec<usize>)> {
        let all = self.0.tensors().into_iter();
        all.filter(|(name, _)| !self.is_scale(name))
            .map(|(name, view)| (name, view.shape().to_vec()))
    }

    fn is_scale(&self, name: &str) -> bool {
        let of = name.strip_suffix(SCALE);
        let scaled = of.and_then(|of| self.0.tensor(of).ok());
        scaled.is_some_and(|view| view.dtype() == Dtype::I8)
    }

    /// The values of a tensor, row-major.
    ///
    /// # Errors
    /// [`WeightsError::Missing`] without the tensor or its scales, [`WeightsError::Shape`] for another number of scales than
    /// rows, [`WeightsError::Type`] for another type, [`WeightsError::NotFinite`] for infinity and NaN.
    pub(super) fn values(&self, name: &str) -> Result<Vec<f32>, WeightsError> {
        let view = self.view(name)?;
        match view.dtype() {
            Dtype::I8 => self.scaled(name, &view),
            _ => f32_values(name, &view),
        }
    }

    fn scaled(&self, name: &str, view: &TensorView<'_>) -> Result<Vec<f32>, WeightsError> {
        let name = format!("{name}{SCALE}");
        let scales = self.view(&name)?;
        let rows = view.shape().first().copied().unwrap_or(1);
        if scales.shape() != [rows] {
            return Err(WeightsError::Shape {
                name,
                expected: vec![rows],
                found: scales.shape().to_vec(),
            });
        }
        let scales = f32_values(&name, &scales)?;
        let row = (view.data().len() / rows.max(1)).max(1);
        let rows = view.data().chunks_exact(row).zip(scales);
        let values: Vec<f32> = rows
            .flat_map(|(row, scale)| row.iter().map(move |&byte| f32::from(byte as i8) * scale))
            .collect();
        finite(&name, values)
    }

    fn view(&self, name: &str) -> Result<TensorView<'_>, WeightsError> {
        let view = self.0.tensor(name);
        view.map_err(|_| WeightsError::Missing {
            name: name.to_owned(),
        })
    }
}

/// The values of a tensor in half or single precision.
///
/// # Errors
/// [`WeightsError::Type`] for another type, [`WeightsError::NotFinite`] for infinity and NaN.
pub(crate) fn f32_values(name: &str, view: &TensorView<'_>) -> Result<Vec<f32>, WeightsError> {
    let values: Vec<f32> = match view.dtype() {
        Dtype::F16 => view
            .data()
            .chunks_exact(2)
            .map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32())
            .collect(),
        Dtype::F32 => view
            .data()
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect(),
        other => {
            return Err(WeightsError::Type {
                name: name.to_owned(),
                found: format!("{other:?}"),
            });
        }
    };
    finite(name, values)
}

fn finite(name: &str, values: Vec<f32>) -> Result<Vec<f32>, WeightsError> {
    if values.iter().all(|value| value.is_finite()) {
        Ok(values)
    } else {
        Err(WeightsError::NotFinite {
            name: name.to_owned(),
        })
    }
}
