//! Saving: from a model to bytes.

use super::{
    Parameter, StorageType, WeightsCard, WeightsError, quantize::quantize, read_parameters, sha256,
};
use crate::Vae;
use burn::tensor::{DType, TensorData};
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
    let (dtype, stored_dtype) = match storage {
        StorageType::F16 => (DType::F16, Dtype::F16),
        StorageType::F32 => (DType::F32, Dtype::F32),
    };
    let stored: Vec<(String, Vec<usize>, TensorData)> = named
        .map(|(name, parameter)| {
            let values = match storage {
                StorageType::F16 => quantize(&parameter.values),
                StorageType::F32 => parameter.values.clone(),
            };
            let data = TensorData::new(values, [parameter.values.len()]);
            (
                name.into(),
                parameter.shape.clone(),
                data.convert_dtype(dtype),
            )
        })
        .collect();
    let views = stored
        .iter()
        .map(|(name, shape, data)| {
            Ok((
                name.clone(),
                TensorView::new(stored_dtype, shape.clone(), data.as_bytes())
                    .map_err(store_error)?,
            ))
        })
        .collect::<Result<Vec<_>, WeightsError>>()?;
    safetensors::serialize(views, metadata).map_err(store_error)
}

fn store_error(reason: impl ToString) -> WeightsError {
    WeightsError::Store {
        reason: reason.to_string(),
    }
}
