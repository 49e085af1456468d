//! Saving: from a model to bytes.

use super::{
    Parameter, StorageType, WeightsCard, WeightsError,
    quantize::{fits_int8, quantize, to_int8},
    read_parameters, sha256,
    stored::SCALE,
};
use crate::Vae;
use burn::tensor::f16;
use safetensors::{Dtype, tensor::TensorView};

/// Serializes a model's weights as safetensors in PyTorch's layout, with the part of the card that describes them.
///
/// # Errors
/// [`WeightsError::Store`] when the device fails to return the weights.
pub async fn save(
    model: &Vae,
    storage: StorageType,
) -> Result<(Vec<u8>, WeightsCard), WeightsError> {
    let parameters = read_parameters(model).await.map_err(store_error)?;
    let named = parameters
        .iter()
        .map(|parameter| (parameter.name.as_str(), parameter));
    let bytes = to_safetensors(named, storage, None)?;
    let card = WeightsCard {
        bytes: bytes.len(),
        storage,
        parameters: parameters.iter().map(|p| p.values.len()).sum(),
        sha256: sha256(&bytes),
    };
    Ok((bytes, card))
}

/// Named parameters as a safetensors file.
pub(crate) fn to_safetensors<'a>(
    named: impl Iterator<Item = (impl Into<String>, &'a Parameter)>,
    storage: StorageType,
    metadata: Option<std::collections::HashMap<String, String>>,
) -> Result<Vec<u8>, WeightsError> {
    let stored: Vec<StoredTensor> = named
        .flat_map(|(name, parameter)| stored(name.into(), parameter, storage))
        .collect();
    let views = stored
        .iter()
        .map(|tensor| {
            let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes);
            Ok((tensor.name.clone(), view.map_err(store_error)?))
        })
        .collect::<Result<Vec<_>, WeightsError>>()?;
    safetensors::serialize(views, metadata).map_err(store_error)
}

/// A tensor as in the file.
struct StoredTensor {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// A parameter in its number format; with a scale for each row, if it is stored in eight bits.
fn stored(name: String, parameter: &Parameter, storage: StorageType) -> Vec<StoredTensor> {
    let Parameter { shape, values, .. } = parameter;
    if storage == StorageType::I8 && fits_int8(shape) {
        let (quantized, scales) = to_int8(values, shape[0]);
        let scales = StoredTensor {
            name: format!("{name}{SCALE}"),
            dtype: Dtype::F32,
            shape: vec![shape[0]],
            bytes: scales
                .iter()
                .flat_map(|scale| scale.to_le_bytes())
                .collect(),
        };
        let quantized = StoredTensor {
            name,
            dtype: Dtype::I8,
            shape: shape.clone(),
            bytes: quantized.iter().map(|&value| value as u8).collect(),
        };
        return vec![quantized, scales];
    }
    let (dtype, bytes) = match storage {
        StorageType::F32 => (
            Dtype::F32,
            values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        ),
        StorageType::F16 | StorageType::I8 => {
            let halves = quantize(values).into_iter().map(f16::from_f32);
            (Dtype::F16, halves.flat_map(f16::to_le_bytes).collect())
        }
    };
    vec![StoredTensor {
        name,
        dtype,
        shape: shape.clone(),
        bytes,
    }]
}

fn store_error(reason: impl ToString) -> WeightsError {
    WeightsError::Store {
        reason: reason.to_string(),
    }
}
